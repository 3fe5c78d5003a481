//! The challenge as its events have made it.

use super::{AnswerBy, ChallengeEvent, ChallengeFailed, ChallengeIssued, ChallengePurpose};
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
    /// When its code was sent last.
    pub sent_at: DateTime<Utc>,
    /// Wrong answers allowed to each who may answer.
    pub attempts: u32,
    /// Wrong answers given, by who gave them.
    pub failures: Failures,
    pub passed_at: Option<DateTime<Utc>>,
}

/// Wrong answers, counted apart.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failures {
    pub registrant: u32,
    pub requester: u32,
    pub strangers: u32,
}

impl Failures {
    pub const fn by(self, who: AnswerBy) -> u32 {
        match who {
            AnswerBy::Registrant => self.registrant,
            AnswerBy::Requester => self.requester,
            AnswerBy::Stranger => self.strangers,
        }
    }
}

impl Challenge {
    /// Whether its answer may still count at this time, of somebody.
    pub fn is_open(&self, at: DateTime<Utc>) -> bool {
        self.issued_at.is_some()
            && self.passed_at.is_none()
            && at < self.expires_at
            && AnswerBy::ALL.iter().any(|who| !self.is_exhausted(*who))
    }

    /// Whether all tries of these are used up.
    pub const fn is_exhausted(&self, who: AnswerBy) -> bool {
        self.failures.by(who) >= self.attempts
    }

    pub(super) fn evolve(&mut self, event: &ChallengeEvent) {
        match event {
            ChallengeEvent::ChallengeIssued(e) => self.issue(e),
            ChallengeEvent::ChallengeFailed(e) => self.fail(e),
            ChallengeEvent::ChallengeResent(e) => self.sent_at = e.resent_at,
            ChallengeEvent::ChallengePassed(e) => self.passed_at = Some(e.passed_at),
        }
    }

    const fn issue(&mut self, e: &ChallengeIssued) {
        self.issued_at = Some(e.issued_at);
        self.user = e.user;
        self.purpose = Some(e.purpose);
        self.expires_at = e.expires_at;
        self.sent_at = e.issued_at;
        self.attempts = e.attempts;
    }

    fn fail(&mut self, e: &ChallengeFailed) {
        match e.by {
            AnswerBy::Registrant => self.failures.registrant = e.attempt,
            AnswerBy::Requester => self.failures.requester = e.attempt,
            AnswerBy::Stranger => self.failures.strangers = e.attempt,
        }
    }
}

impl EventSourced for Challenge {
    type Id = ChallengeId;

    fn owner(&self, _id: ChallengeId) -> Option<UserId> {
        self.issued_at.map(|_| self.user)
    }
}
