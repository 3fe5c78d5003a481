//! Absences of people, as events tell them: suspended, leaving, or erased (USR-07, C-39).
//!
//! A suspension may end by itself, which no event says: what is kept is until when, and readers compare it with the time.
//! Whatever counts or lists people by rows of its own keeps this beside them, so that counts and lists go by one rule.
//! [`ProfilePage::is_hidden`](crate::profile_pages::query::ProfilePage::is_hidden) says the same of one person.

use crate::columns::columns;
use chrono::{DateTime, Utc};
use domain::{UserId, user::UserEvent};
use serde::Deserialize;
use uuid::Uuid;

/// A row of `absences`, which has no more than the id of a person and these times. That is left of an erased person.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub(crate) struct Absence {
    pub user_id: UserId,
    is_leaving: bool,
    suspended_until: Option<DateTime<Utc>>,
    /// None: there for others.
    pub gone_until: Option<DateTime<Utc>>,
    /// Within this batch.
    #[serde(skip)]
    told: bool,
}

columns! {
    Absence: user_id, is_leaving, suspended_until, gone_until but told;
}

/// The end of what ends by an event only.
fn forever() -> DateTime<Utc> {
    const YEAR_9999: i64 = 253_370_764_800;
    DateTime::from_timestamp(YEAR_9999, 0).unwrap_or(DateTime::<Utc>::MAX_UTC)
}

impl Absence {
    pub fn none(user: Uuid) -> Self {
        let user_id = UserId::from_uuid(user);
        Self { user_id, is_leaving: false, suspended_until: None, gone_until: None, told: false }
    }

    /// An event of this batch has spoken of it.
    pub fn is_told(&self) -> bool {
        self.told
    }

    pub fn evolve(&mut self, event: &UserEvent) {
        match change(event) {
            Some(Change::Suspended(until)) => {
                self.suspended_until = Some(until.unwrap_or_else(forever).min(forever()));
            }
            Some(Change::Reinstated) => self.suspended_until = None,
            Some(Change::Leaves) => self.is_leaving = true,
            Some(Change::Stays) => self.is_leaving = false,
            None => {}
        }
        self.told = true;
        self.gone_until = if self.is_leaving { Some(forever()) } else { self.suspended_until };
    }
}

/// What an event says of somebody's being there.
enum Change {
    /// None: until an event ends it.
    Suspended(Option<DateTime<Utc>>),
    Reinstated,
    Leaves,
    Stays,
}

/// Whether an event says that somebody goes or comes back.
pub(crate) const fn changes(event: &UserEvent) -> bool {
    change(event).is_some()
}

const fn change(event: &UserEvent) -> Option<Change> {
    match event {
        UserEvent::UserSuspended(e) => Some(Change::Suspended(e.until)),
        UserEvent::UserReinstated(_) => Some(Change::Reinstated),
        UserEvent::UserDeletionRequested(_) | UserEvent::UserErased(_) => Some(Change::Leaves),
        UserEvent::UserDeletionCancelled(_) => Some(Change::Stays),
        UserEvent::UserRegistered(_)
        | UserEvent::VerificationRequested(_)
        | UserEvent::AddressCorrected(_)
        | UserEvent::ContactVerified(_)
        | UserEvent::PasswordResetRequested(_)
        | UserEvent::PasswordChanged(_)
        | UserEvent::SessionsInvalidated(_)
        | UserEvent::RoleChanged(_)
        | UserEvent::UserInvited(_)
        | UserEvent::EmailChangeCancelled(_)
        | UserEvent::ErasureCertified(_) => None,
    }
}
