//! A person has read a notification.

use super::{Inbox, InboxError, InboxEvent, MAX_SINGLE, NotificationRead, NotificationsRead};
use crate::{
    aggregate::Decide,
    ids::{EventId, UserId},
};
use chrono::{DateTime, Utc};

/// Marks one notification as read; one that is read already changes nothing.
///
/// Whoever reads one more than [`MAX_SINGLE`] one by one has with it read whatever is not newer than the oldest of
/// them, and the log says so: what they passed over a thousand times is not unread for ever.
#[derive(Clone, Debug)]
pub struct MarkRead {
    pub user: UserId,
    pub notification: EventId,
    /// Of that event.
    pub position: u64,
    pub at: DateTime<Utc>,
}

impl Decide<Inbox> for MarkRead {
    fn decide(&self, inbox: &Inbox) -> Result<Vec<InboxEvent>, InboxError> {
        let Self { user, notification, position, at: read_at } = *self;
        if inbox.is_read(position) {
            return Ok(Vec::new());
        }
        let mut events = vec![NotificationRead { user, notification, position, read_at }.into()];
        if inbox.single.len() >= MAX_SINGLE {
            let oldest = inbox.single.first().copied().unwrap_or(position);
            events.push(NotificationsRead { user, through: oldest.min(position), read_at }.into());
        }
        Ok(events)
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::{fixtures::*, inbox::mark_all_read::tests::*};
    use cqrs_es::test::TestFramework;
    use uuid::Uuid;

    pub fn mark(position: u64) -> MarkRead {
        let notification = EventId::from_uuid(Uuid::from_u128(u128::from(position)));
        MarkRead { user: jane(), notification, position, at: at(5) }
    }

    pub fn read(position: u64) -> InboxEvent {
        let MarkRead { user, notification, position, at: read_at } = mark(position);
        NotificationRead { user, notification, position, read_at }.into()
    }

    #[test]
    fn first_reading_needs_nothing_before_it() {
        TestFramework::<Inbox>::with(())
            .given_no_previous_events()
            .when(mark(5).into())
            .then_expect_events(vec![read(5)]);
    }

    #[test]
    fn what_is_read_alone_or_with_others_is_not_read_again() {
        for given in [vec![read(5)], vec![all_read(5)], vec![read(5), all_read(7)]] {
            TestFramework::<Inbox>::with(()).given(given).when(mark(5).into()).then_expect_events(vec![]);
        }
        TestFramework::<Inbox>::with(())
            .given(vec![read(5), all_read(7)])
            .when(mark(8).into())
            .then_expect_events(vec![read(8)]);
    }

    #[test]
    fn one_by_one_is_bounded_and_the_oldest_become_a_stretch() {
        let most = MAX_SINGLE as u64;
        let given: Vec<_> = (11..=10 + most).map(read).collect();
        let stretch = |through| NotificationsRead { user: jane(), through, read_at: at(5) }.into();
        for (position, through) in [(11 + most, 11), (4, 4)] {
            TestFramework::<Inbox>::with(())
                .given(given.clone())
                .when(mark(position).into())
                .then_expect_events(vec![read(position), stretch(through)]);
        }
    }

    #[test]
    fn state_stays_small_however_much_is_read() {
        let most = MAX_SINGLE as u64;
        for positions in [(1..3 * most).collect::<Vec<_>>(), (1..3 * most).rev().collect()] {
            let mut inbox = Inbox::default();
            for position in positions {
                for event in mark(position).decide(&inbox).unwrap() {
                    inbox.evolve(&event);
                }
                assert!(inbox.is_read(position) && inbox.single.len() <= MAX_SINGLE);
            }
        }
    }
}
