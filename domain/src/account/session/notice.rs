//! A session is seen on a device (SESS-09): on another than it began on, somebody else may have its tokens.

use super::{Session, SessionDeviceChanged, SessionError, SessionEvent};
use crate::{aggregate::Decide, values::DeviceFingerprint};
use chrono::{DateTime, Utc};

/// Devices that one session is told apart by. Of more it has been seen on, no more is said: whoever changes devices
/// with each request cannot fill the log.
pub const DEVICES: usize = 8;

/// Puts down that a session is used on a device that it was not seen on before, each device once. One that began
/// before devices were told apart, or that has ended, stays as it is.
#[derive(Clone, Debug)]
pub struct NoticeDevice {
    pub device: DeviceFingerprint,
    /// The same device under another key of the server, while that is replaced.
    pub other: Option<DeviceFingerprint>,
    pub at: DateTime<Utc>,
}

impl Decide<Session> for NoticeDevice {
    fn decide(&self, session: &Session) -> Result<Vec<SessionEvent>, SessionError> {
        session.started()?;
        let known = session.devices.is_empty()
            || session.devices.contains(&self.device)
            || self.other.is_some_and(|other| session.devices.contains(&other));
        if known || session.devices.len() >= DEVICES || !session.is_live(self.at) {
            return Ok(Vec::new());
        }
        let (user, device, changed_at) = (session.user, self.device, self.at);
        Ok(vec![SessionDeviceChanged { user, device, changed_at }.into()])
    }
}

#[cfg(test)]
mod tests {
    use super::{
        super::{EndCause, SessionEnded, start::tests::started},
        *,
    };
    use crate::fixtures::*;
    use cqrs_es::test::TestFramework;

    fn notice(n: u8, second: i64) -> NoticeDevice {
        NoticeDevice { device: device(n), other: None, at: at(second) }
    }

    fn changed(n: u8, second: i64) -> SessionEvent {
        SessionDeviceChanged { user: jane(), device: device(n), changed_at: at(second) }.into()
    }

    fn then(given: Vec<SessionEvent>, when: NoticeDevice, expected: Vec<SessionEvent>) {
        TestFramework::<Session>::with(()).given(given).when(when.into()).then_expect_events(expected);
    }

    #[test]
    fn another_device_is_noticed_and_its_own_is_not() {
        then(vec![started()], notice(1, 5), vec![]);
        then(vec![started()], notice(2, 5), vec![changed(2, 5)]);
    }

    #[test]
    fn device_is_known_by_the_name_that_another_key_gave_it() {
        let same = NoticeDevice { other: Some(device(1)), ..notice(2, 5) };

        then(vec![started()], same, vec![]);
    }

    #[test]
    fn each_device_is_noticed_once_however_they_take_turns() {
        let given = vec![started(), changed(2, 5), changed(3, 6)];
        for n in 1..=3 {
            then(given.clone(), notice(n, 7), vec![]);
        }
        then(given, notice(4, 7), vec![changed(4, 7)]);
    }

    #[test]
    fn no_more_than_so_many_are_told_apart() {
        let last = u8::try_from(DEVICES).unwrap();
        let given = |devices| [vec![started()], (2..=devices).map(|n| changed(n, 5)).collect()].concat();

        then(given(last - 1), notice(last, 6), vec![changed(last, 6)]);
        then(given(last), notice(last + 1, 6), vec![]);
    }

    #[test]
    fn session_that_is_over_or_whose_device_nobody_knew_stays() {
        let mut before = serde_json::to_value(started()).unwrap();
        before.as_object_mut().unwrap().remove("device").unwrap();
        let before = serde_json::from_value(before).unwrap();
        let ended = SessionEnded { user: jane(), cause: EndCause::Logout, ended_at: at(3) };

        then(vec![before], notice(2, 5), vec![]);
        then(vec![started(), ended.into()], notice(2, 5), vec![]);
        then(vec![started()], notice(2, 7 * 86_400), vec![]);
        TestFramework::<Session>::with(())
            .given_no_previous_events()
            .when(notice(2, 5).into())
            .then_expect_error(SessionError::NotStarted);
    }
}
