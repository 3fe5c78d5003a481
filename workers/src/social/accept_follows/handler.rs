//! Accepts the requests that waited when a profile was opened to anyone.
//!
//! Who waits is read from a read model, which may name too many: each request is decided anew on its own stream, with
//! the profile's version checked in the same append. It can not name too few, because a request that waits lies before
//! the change that opened the profile, and the read model is waited for up to there.

use crate::engine::handlers::refused;
use crate::{
    jobs::{Handler, Job, JobError},
    social::accept_follows::reactor::{KIND as ACCEPT_FOLLOWS, Opened},
};
use async_trait::async_trait;
use commands::{Caller, CommandError, Social, social::PolicyAnswer};
use domain::{UserId, profile::Profile, values::FollowPolicy};
use projections::JobQueries;
use std::collections::BTreeSet;
use store::Store;

/// Accepted between two looks at who waits, so that a job is never long in the dark.
const BATCH: i64 = 500;

/// Going public accepts the requests that wait.
pub struct AcceptFollows {
    store: Store,
    social: Social,
    queries: JobQueries,
}

#[async_trait]
impl Handler for AcceptFollows {
    fn kind(&self) -> &'static str {
        ACCEPT_FOLLOWS
    }

    async fn run(&self, job: &Job) -> Result<&'static str, JobError> {
        let Opened { user, event, mut position } = job.payload()?;
        let caller = Caller { causation_id: Some(event.to_string()), ..Caller::system(ACCEPT_FOLLOWS) };
        if self.store.load_fresh::<Profile>(user).await?.state.follow_policy() != FollowPolicy::Anyone {
            return Ok("not-open");
        }
        let mut seen = BTreeSet::new();
        loop {
            let mut waiting = self.queries.list_pending_requests(user, position, BATCH).await?;
            // An erased person's request waits for ever.
            waiting.retain(|follower| seen.insert(*follower));
            if waiting.is_empty() {
                return Ok("accepted");
            }
            for follower in waiting {
                match self.accept(follower, user, &caller).await? {
                    PolicyAnswer::Accepted | PolicyAnswer::Gone => {}
                    PolicyAnswer::Closed => return Ok("closed-again"),
                }
            }
            // The next look must see what was accepted here.
            position = self.store.reader().head().await?;
        }
    }
}

impl AcceptFollows {
    pub fn new(store: Store, social: Social, queries: JobQueries) -> Self {
        Self { store, social, queries }
    }

    async fn accept(
        &self,
        follower: UserId,
        followed: UserId,
        caller: &Caller,
    ) -> Result<PolicyAnswer, JobError> {
        match self.social.accept_by_policy(follower, followed, caller).await {
            Ok(answer) => Ok(answer),
            // Nothing more is recorded about an erased person.
            Err(CommandError::NotFound) => Ok(PolicyAnswer::Gone),
            Err(error) => Err(refused(&error)),
        }
    }
}
