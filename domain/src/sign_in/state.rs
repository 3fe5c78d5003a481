//! The failures and suspicions of one account or client prefix on one day.

use super::{BotOutcome, SignInEvent};
use crate::{aggregate::EventSourced, ids::SignInId};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct SignIn {
    pub failures: u32,
    pub last_failed_at: Option<DateTime<Utc>>,
    /// Acts and outcomes that are on record.
    pub suspicions: BTreeSet<(String, BotOutcome)>,
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
        }
    }
}

impl EventSourced for SignIn {
    type Id = SignInId;
}
