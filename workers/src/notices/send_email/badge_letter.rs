//! The mail about an awarded badge: whether it is still needed, and its content (TSK-21).
//!
//! Everything is asked of the log at the moment of sending: the award, its person, and what they chose.

use crate::{jobs::JobError, mail::Content};
use chrono::{DateTime, Utc};
use domain::{
    AnyEvent, AwardId, UserId,
    award::{Award, AwardEvent, AwardStatus},
    settings::Settings,
    user::User,
    values::NotificationFrequency,
};
use store::{Recorded, Store, StoreError};

pub(super) enum Due {
    Letter(UserId, Content),
    /// Why it is not sent.
    Not(&'static str),
}

/// `event` is of the stream of the award.
pub(super) async fn due(
    store: &Store,
    event: &Recorded,
    id: AwardId,
    now: DateTime<Utc>,
) -> Result<Due, JobError> {
    let AnyEvent::Award(AwardEvent::BadgeAwarded(awarded)) = event.decode().map_err(StoreError::from)? else {
        return Err(JobError::permanent("event-unexpected"));
    };
    let award = store.load_fresh::<Award>(id).await?.state;
    // Given again is another letter.
    if award.status != Some(AwardStatus::Held) || award.ordinal != awarded.ordinal {
        return Ok(Due::Not("revoked"));
    }
    let user = store.load_fresh::<User>(awarded.user).await?.state;
    if !user.is_present() || user.suspended(now).is_some() {
        return Ok(Due::Not("no-address"));
    }
    let settings = store.load_fresh::<Settings>(awarded.user).await?.state;
    if let Some(why) = unwanted(&settings) {
        return Ok(Due::Not(why));
    }
    let (name, points, at) = (awarded.name, awarded.points, awarded.earned_at);
    Ok(Due::Letter(awarded.user, Content::BadgeEarned { award: id, name, points, at }))
}

/// Digests are not sent yet: who chose one finds it in the notification centre only.
const fn unwanted(settings: &Settings) -> Option<&'static str> {
    if !settings.email_notifications {
        return Some("unwanted");
    }
    match settings.notification_frequency {
        NotificationFrequency::Immediate => None,
        NotificationFrequency::Never => Some("unwanted"),
        NotificationFrequency::Hourly | NotificationFrequency::Daily | NotificationFrequency::Weekly => {
            Some("digest")
        }
    }
}
