//! The challenge as its events have made it.

use super::{ChallengeEvent, ChallengeIssued, ChallengePurpose};
use crate::{
    aggregate::EventSourced,
    ids::{ChallengeId, UserId},
};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// One proof of possession. Before it is issued it is the default: no `issued_at`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Challenge {
    pub issued_at: Option<DateTime<Utc>>,
    pub user: UserId,
    pub purpose: Option<ChallengePurpose>,
    pub expires_at: DateTime<Utc>,
    /// Wrong answers allowed.
    pub attempts: u32,
    /// Wrong answers given.
    pub failures: u32,
    pub passed_at: Option<DateTime<Utc>>,
}

impl Challenge {
    pub(super) const fn evolve(&mut self, event: &ChallengeEvent) {
        match event {
            ChallengeEvent::ChallengeIssued(e) => self.issue(e),
            ChallengeEvent::ChallengeFailed(e) => self.failures = e.attempt,
            ChallengeEvent::ChallengePassed(e) => self.passed_at = Some(e.passed_at),
        }
    }

    const fn issue(&mut self, e: &ChallengeIssued) {
        self.issued_at = Some(e.issued_at);
        self.user = e.user;
        self.purpose = Some(e.purpose);
        self.expires_at = e.expires_at;
        self.attempts = e.attempts;
    }
}

impl EventSourced for Challenge {
    type Id = ChallengeId;

    fn owner(&self, _id: ChallengeId) -> Option<UserId> {
        self.issued_at.map(|_| self.user)
    }
}
