//! Ends registrations that nobody verified in time, so that usernames and addresses are free again. What remains is as
//! after an erasure, which the request for it brings about.
//!
//! The read model may name too many: each account decides for itself. One that it names too late is the next run's.

use crate::engine::handlers::refused;
use crate::jobs::{Handler, Job, JobError};
use async_trait::async_trait;
use commands::{Accounts, Caller, CommandError};
use projections::JobQueries;

pub(crate) const KIND: &str = "expire_registrations";

/// Accounts between two looks at the read model.
const BATCH: i64 = 500;

/// Expires registrations.
pub struct ExpireRegistrations {
    accounts: Accounts,
    queries: JobQueries,
}

#[async_trait]
impl Handler for ExpireRegistrations {
    fn kind(&self) -> &'static str {
        KIND
    }

    async fn run(&self, _job: &Job) -> Result<&'static str, JobError> {
        let Some(before) = self.accounts.registrations_expire_before() else { return Ok("kept-for-ever") };
        let (caller, mut after) = (Caller::system(KIND), None);
        loop {
            let people = self.queries.list_unverified_accounts(before, after, BATCH).await?;
            let Some(last) = people.last() else { return Ok("expired") };
            after = Some(*last);
            for person in people {
                match self.accounts.expire_registration(person, before, &caller).await {
                    // Nothing more is recorded about an erased person.
                    Ok(_) | Err(CommandError::NotFound) => {}
                    Err(error) => return Err(refused(&error)),
                }
            }
        }
    }
}

impl ExpireRegistrations {
    pub fn new(accounts: Accounts, queries: JobQueries) -> Self {
        Self { accounts, queries }
    }
}
