//! The failures of one account or client prefix on one day.

use super::SignInEvent;
use crate::{aggregate::EventSourced, ids::SignInId};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct SignIn {
    pub failures: u32,
    pub last_failed_at: Option<DateTime<Utc>>,
}

impl SignIn {
    pub(super) const fn evolve(&mut self, event: &SignInEvent) {
        match event {
            SignInEvent::SignInFailed(e) => {
                self.failures = self.failures.saturating_add(1);
                self.last_failed_at = Some(e.failed_at);
            }
        }
    }
}

impl EventSourced for SignIn {
    type Id = SignInId;
}
