//! The state of a day's record: which rejections are already recorded.

use super::AccessLogEvent;
use crate::{aggregate::EventSourced, ids::AccessLogId};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// One person's day, or one key's. Nothing opens it: before its first event it is empty.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct AccessLog {
    /// Act and problem of each refusal that is recorded.
    pub(super) denied: BTreeSet<(String, String)>,
}

impl AccessLog {
    pub(super) fn evolve(&mut self, event: &AccessLogEvent) {
        match event {
            AccessLogEvent::PersonalDataViewed(_)
            | AccessLogEvent::PersonalDataFetched(_)
            | AccessLogEvent::OperatorActed(_) => {}
            AccessLogEvent::AccessDenied(e) => {
                self.denied.insert((e.act.clone(), e.problem.clone()));
            }
        }
    }
}

impl EventSourced for AccessLog {
    type Id = AccessLogId;

    const ALWAYS_THERE: bool = true;
}
