//! The failures and suspicions of one account or client prefix on one day, or the sessions of one account.

use super::{BotOutcome, SignInEvent, SignedIn};
use crate::{
    aggregate::EventSourced,
    ids::{SessionId, SignInId},
};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct SignIn {
    pub failures: u32,
    pub last_failed_at: Option<DateTime<Utc>>,
    /// Acts and outcomes that are on record.
    pub suspicions: BTreeSet<(String, BotOutcome)>,
    /// Those that have places, the oldest first; some may be over.
    #[serde(default)]
    pub sessions: Vec<SessionId>,
}

impl SignIn {
    pub(super) fn evolve(&mut self, event: &SignInEvent) {
        match event {
            SignInEvent::SignInFailed(e) => {
                self.failures = self.failures.saturating_add(1);
                self.last_failed_at = Some(e.failed_at);
            }
            // Nobody guessed.
            SignInEvent::SignInRefused(_) => {}
            SignInEvent::BotSuspected(e) => {
                self.suspicions.insert((e.act.clone(), e.outcome));
            }
            SignInEvent::SignedIn(SignedIn { session, left, .. }) => {
                self.sessions.retain(|known| !left.contains(known));
                self.sessions.push(*session);
            }
        }
    }
}

impl EventSourced for SignIn {
    type Id = SignInId;
}
