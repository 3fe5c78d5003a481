//! Which changes of a profile may have opened it to anyone, so that requests to follow need no answer any more.

use crate::engine::reactors::Reactor;
use crate::jobs::NewJob;
use domain::{
    AnyEvent, EventId, UserId,
    profile::{Change, ProfileChanges, ProfileEvent},
    values::FollowPolicy,
};
use serde::{Deserialize, Serialize};
use store::Recorded;

/// The kind of its jobs.
pub(crate) const KIND: &str = "accept_follows";

/// Whose profile changed, and by which event. **Stored** as the payload of jobs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Opened {
    pub user: UserId,
    pub event: EventId,
    /// Of the event in the log: every request that it may concern lies before it.
    pub position: i64,
}

/// Going public accepts the requests that wait (SOC-04).
pub struct AcceptFollows;

impl Reactor for AcceptFollows {
    const NAME: &'static str = "accept_follows";

    fn jobs(&self, event: &AnyEvent, recorded: &Recorded) -> Vec<NewJob> {
        let AnyEvent::Profile(ProfileEvent::ProfileUpdated(e)) = event else { return Vec::new() };
        if !may_open(&e.changes) {
            return Vec::new();
        }
        // Ids always serialise; an empty payload would be parked as malformed, not lost.
        let opened = Opened { user: e.user, event: recorded.event_id, position: recorded.position };
        let payload = serde_json::to_value(opened).unwrap_or_default();
        vec![NewJob { kind: KIND, target: e.user.to_string(), payload, not_before: None }]
    }
}

/// Whether it did depends on the rest of the profile, at which the handler looks.
fn may_open(changes: &ProfileChanges) -> bool {
    let policy = matches!(changes.follow_policy, Some(Change::Set(FollowPolicy::Anyone) | Change::Cleared));
    let privacy = matches!(changes.is_private, Some(Change::Set(false) | Change::Cleared));
    policy || privacy
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_may_open_a_profile_calls_for_work() {
        let privacy = |change| ProfileChanges { is_private: Some(change), ..ProfileChanges::default() };
        let policy = |change| ProfileChanges { follow_policy: Some(change), ..ProfileChanges::default() };

        for changes in [
            privacy(Change::Set(false)),
            privacy(Change::Cleared),
            policy(Change::Set(FollowPolicy::Anyone)),
            policy(Change::Cleared),
        ] {
            assert!(may_open(&changes), "{changes:?}");
        }
        for changes in [
            ProfileChanges::default(),
            privacy(Change::Set(true)),
            policy(Change::Set(FollowPolicy::Approve)),
            policy(Change::Set(FollowPolicy::Nobody)),
        ] {
            assert!(!may_open(&changes), "{changes:?}");
        }
    }
}
