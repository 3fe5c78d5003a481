//! Puts down which sessions are over (TSK-07). Their tokens are refused by time alone; the event is for lists, the audit
//! log and whoever reads the log. Silence alone ends no session (ADR 11).
//!
//! The read model may name too many: each session decides for itself. One that it names too late is the next run's.

use crate::engine::handlers::refused;
use crate::jobs::{Handler, Job, JobError};
use async_trait::async_trait;
use commands::{Accounts, Caller, Clock, CommandError};
use projections::JobQueries;
use std::sync::Arc;

pub(crate) const KIND: &str = "cleanup_expired_sessions";

/// Sessions between two looks at the read model.
const BATCH: i64 = 500;

/// Expires sessions.
pub struct CleanupExpiredSessions {
    accounts: Accounts,
    queries: JobQueries,
    clock: Arc<dyn Clock>,
}

#[async_trait]
impl Handler for CleanupExpiredSessions {
    fn kind(&self) -> &'static str {
        KIND
    }

    async fn run(&self, _job: &Job) -> Result<&'static str, JobError> {
        let (now, caller) = (self.clock.now(), Caller::system(KIND));
        let mut after = None;
        loop {
            let sessions = self.queries.list_expired_sessions(now, after, BATCH).await?;
            let Some(last) = sessions.last() else { return Ok("cleaned") };
            after = Some(*last);
            for session in sessions {
                match self.accounts.expire_session(session, &caller).await {
                    // Nothing more is recorded about an erased person.
                    Ok(_) | Err(CommandError::NotFound) => {}
                    Err(error) => return Err(refused(&error)),
                }
            }
        }
    }
}

impl CleanupExpiredSessions {
    pub fn new(accounts: Accounts, queries: JobQueries, clock: Arc<dyn Clock>) -> Self {
        Self { accounts, queries, clock }
    }
}
