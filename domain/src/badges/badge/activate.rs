//! A badge can be earned.

use super::{Badge, BadgeActivated, BadgeError, BadgeEvent, BadgeStatus};
use crate::aggregate::Decide;
use chrono::{DateTime, Utc};

/// Lets it be earned, also if it was retired; an active one stays as it is.
#[derive(Clone, Debug)]
pub struct ActivateBadge {
    pub at: DateTime<Utc>,
}

impl Decide<Badge> for ActivateBadge {
    fn decide(&self, badge: &Badge) -> Result<Vec<BadgeEvent>, BadgeError> {
        Ok(activated(badge.defined()?, self.at).into_iter().collect())
    }
}

pub(super) fn activated(status: BadgeStatus, at: DateTime<Utc>) -> Option<BadgeEvent> {
    match status {
        BadgeStatus::Active => None,
        BadgeStatus::Draft | BadgeStatus::Retired => Some(BadgeActivated { activated_at: at }.into()),
    }
}
