//! A deletion that was asked for is carried out when its grace is over (C-39).

use crate::engine::reactors::Reactor;
use crate::jobs::NewJob;
use domain::{AnyEvent, EventId, UserId, user::UserEvent};
use serde::{Deserialize, Serialize};
use store::Recorded;

/// The kind of its jobs.
pub(crate) const KIND: &str = "erase_user";

/// Who is to be erased, and by which event. **Stored** as the payload of jobs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Asked {
    pub user: UserId,
    pub event: EventId,
}

/// One job per request, due with it; whether it is still wanted then, its handler finds out.
pub struct EraseUser;

impl Reactor for EraseUser {
    const NAME: &'static str = "erase_user";

    fn jobs(&self, event: &AnyEvent, recorded: &Recorded) -> Vec<NewJob> {
        let AnyEvent::User(UserEvent::UserDeletionRequested(e)) = event else { return Vec::new() };
        let Ok(user) = recorded.aggregate_id.parse() else { return Vec::new() };
        // Ids always serialise; an empty payload would be parked as malformed, not lost.
        let payload = serde_json::to_value(Asked { user, event: recorded.event_id }).unwrap_or_default();
        let target = recorded.aggregate_id.clone();
        vec![NewJob { kind: KIND, target, payload, not_before: Some(e.erase_after) }]
    }
}
