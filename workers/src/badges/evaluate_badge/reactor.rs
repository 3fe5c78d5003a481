//! A badge that can be earned anew is evaluated over all of history (BDG-16, C-23).

use crate::engine::reactors::Reactor;
use crate::jobs::NewJob;
use domain::{AnyEvent, BadgeId, badge::BadgeEvent};
use serde::{Deserialize, Serialize};
use store::Recorded;

/// The kind of its jobs.
pub(crate) const KIND: &str = "evaluate_badge";

/// Which badge, and up to where at least the log is to be looked at. **Stored** as the payload of jobs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Changed {
    pub badge: BadgeId,
    pub position: i64,
}

/// Definitions that become active or ask for something else.
pub struct EvaluateBadges;

impl Reactor for EvaluateBadges {
    const NAME: &'static str = "evaluate_badges";

    fn jobs(&self, event: &AnyEvent, recorded: &Recorded) -> Vec<NewJob> {
        let AnyEvent::Badge(event) = event else { return Vec::new() };
        let matters = match event {
            BadgeEvent::BadgeDefined(e) => e.active,
            BadgeEvent::BadgeRevised(e) => {
                let changes = &e.changes;
                changes.criteria.is_some()
                    || changes.available_from.is_some()
                    || changes.available_until.is_some()
            }
            BadgeEvent::BadgeActivated(_) => true,
            BadgeEvent::BadgeRetired(_) => false,
        };
        let Ok(badge) = recorded.aggregate_id.parse::<BadgeId>() else { return Vec::new() };
        if !matters {
            return Vec::new();
        }
        let payload =
            serde_json::to_value(Changed { badge, position: recorded.position }).unwrap_or_default();
        vec![NewJob { kind: KIND, target: badge.to_string(), payload, not_before: None }]
    }
}
