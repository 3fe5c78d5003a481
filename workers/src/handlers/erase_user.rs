//! Carries out a deletion: the log says so, nothing is left between the person and others, the data key is destroyed,
//! and that is certified. Every step is harmless when repeated, so that a crash between two only delays the rest.

use super::{ReadModels, refused};
use crate::{
    jobs::{Handler, Job, JobError},
    reactors::{Asked, ERASE_USER},
};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use commands::{Accounts, Caller, Clock, Erasing, Social};
use domain::UserId;
use std::{sync::Arc, time::Duration};
use store::Store;

/// Others of whom a person is severed between two looks at who is left.
const BATCH: i64 = 500;
/// The clocks of nodes and database may disagree by so much about when it is time.
const TOO_EARLY: Duration = Duration::from_secs(1);

/// Erases people.
pub struct EraseUser {
    store: Store,
    accounts: Accounts,
    social: Social,
    read_models: Arc<dyn ReadModels>,
    clock: Arc<dyn Clock>,
}

#[async_trait]
impl Handler for EraseUser {
    fn kind(&self) -> &'static str {
        ERASE_USER
    }

    async fn run(&self, job: &Job) -> Result<&'static str, JobError> {
        let Asked { user, event } = job.payload()?;
        let caller = Caller { causation_id: Some(event.to_string()), ..Caller::system(ERASE_USER) };
        match self.accounts.erase(user, &caller).await.map_err(|error| refused(&error))? {
            Erasing::NotWanted => return Ok("cancelled"),
            Erasing::NotDue(due) => return Err(self.later(due)),
            Erasing::Erased => {}
        }
        self.sever(user, &caller).await?;
        self.read_models.forget_telemetry(user).await?;
        self.accounts.certify_erasure(user, &caller).await.map_err(|error| refused(&error))?;
        Ok("erased")
    }
}

impl EraseUser {
    pub fn new(
        store: Store,
        accounts: Accounts,
        social: Social,
        read_models: Arc<dyn ReadModels>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self { store, accounts, social, read_models, clock }
    }

    fn later(&self, due: DateTime<Utc>) -> JobError {
        let wait = (due - self.clock.now()).to_std().unwrap_or_default();
        JobError::Retry { after: Some(wait.max(TOO_EARLY)), code: "not-due".into() }
    }

    /// The read model is waited for up to the erasure, after which nothing new begins with this person.
    async fn sever(&self, user: UserId, caller: &Caller) -> Result<(), JobError> {
        loop {
            let position = self.store.reader().head().await?;
            let others = self.read_models.connected(user, position, BATCH).await?;
            if others.is_empty() {
                return Ok(());
            }
            for other in others {
                self.social.sever(user, other, caller).await.map_err(|error| refused(&error))?;
            }
        }
    }
}
