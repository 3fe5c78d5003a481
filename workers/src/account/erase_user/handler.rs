//! Carries out a deletion: the log says so, nothing is left between the person and others, the data key is destroyed,
//! what was deleted is taken off the disks, and all that is certified. Every step is harmless when repeated, so that a
//! crash between two only delays the rest.

use crate::engine::handlers::refused;
use crate::{
    account::erase_user::reactor::{Asked, KIND as ERASE_USER},
    jobs::{Handler, Job, JobError},
    mail::Mailer,
};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use commands::{Accounts, Caller, Clock, Erasing, Social};
use domain::{
    AnyEvent, EventId, UserId,
    user::{DeletionBy, DiskPurge, UserEvent},
    values::Email,
};
use projections::JobQueries;
use serde_json::Value;
use std::{collections::BTreeSet, sync::Arc, time::Duration};
use store::{Store, StoreError};

/// Others of whom a person is severed between two looks at who is left.
const BATCH: i64 = 500;
/// Events of the person that are opened at a time.
const STRETCH: i64 = 200;
/// The clocks of nodes and database may disagree by so much about when it is time.
const TOO_EARLY: Duration = Duration::from_secs(1);
/// While something on the server keeps hold of what was deleted.
const HELD: Duration = Duration::from_secs(30);

/// Why what was deleted is still on a disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotPurged {
    #[error("the read models are behind")]
    Behind,
    #[error("a database cannot be reached")]
    Unavailable,
    #[error("something keeps hold of what was deleted")]
    Held,
}

impl From<NotPurged> for JobError {
    fn from(error: NotPurged) -> Self {
        match error {
            NotPurged::Behind => Self::retry("read-model-behind"),
            NotPurged::Unavailable => Self::retry("disk-unavailable"),
            NotPurged::Held => Self::Retry { after: Some(HELD), code: "disk-held".into() },
        }
    }
}

/// The disks below log, key store and read models. The composition root answers.
#[async_trait]
pub trait Disk: Send + Sync + 'static {
    /// Takes off them what was deleted by this position of the log, and tells what it could and could not do.
    async fn purge(&self, position: i64) -> Result<DiskPurge, NotPurged>;

    /// The same of what was deleted so long ago: a purge that was begun since then will do.
    async fn purge_since(&self, position: i64, ago: Duration) -> Result<DiskPurge, NotPurged>;
}

/// Erases people.
pub struct EraseUser {
    pub store: Store,
    pub accounts: Accounts,
    pub social: Social,
    pub mailer: Mailer,
    pub queries: JobQueries,
    pub disk: Arc<dyn Disk>,
    pub clock: Arc<dyn Clock>,
    /// As [`crate::Tuning::gather`].
    pub gather: Duration,
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
        // Before the certificate, which promises that nothing is left between the person and others.
        self.sever(user, &caller).await?;
        self.queries.forget_activity(user).await?;
        // As long as they can be read.
        let addresses = self.addresses(user).await?;
        self.mailer.forget(&addresses).await?;
        let destroyed_at = self.accounts.destroy_key(user, &caller).await.map_err(|error| refused(&error))?;
        // After the key: its old row in the key store is one of the things that the purge removes.
        let disk = self.purge(user, event, destroyed_at).await?;
        // What was being written when the key went.
        self.mailer.forget(&addresses).await?;
        self.accounts.certify_erasure(user, Some(disk), &caller).await.map_err(|error| refused(&error))?;
        Ok("erased")
    }
}

impl EraseUser {
    /// Somebody's own erasure is purged at once. Registrations that are over come by hundreds, as many as a stranger
    /// cares to make: they wait for each other, and share what was begun after the last of them.
    async fn purge(
        &self,
        user: UserId,
        request: EventId,
        destroyed_at: DateTime<Utc>,
    ) -> Result<DiskPurge, JobError> {
        let head = self.store.reader().head().await?;
        if !self.is_expiry(user, request).await? {
            return Ok(self.disk.purge(head).await?);
        }
        // By the clock of the databases, as the destruction was.
        let now: DateTime<Utc> = sqlx::query_scalar("SELECT clock_timestamp()")
            .fetch_one(self.store.pool())
            .await
            .map_err(StoreError::from)?;
        let age = (now - destroyed_at).to_std().unwrap_or_default();
        match self.gather.checked_sub(age).filter(|left| !left.is_zero()) {
            // A retry instead of a sleep: the worker is free for other jobs meanwhile.
            Some(left) => Err(JobError::Retry { after: Some(left), code: "gathers".into() }),
            // The clocks of the two databases may disagree by a fifth of it.
            None => Ok(self.disk.purge_since(head, age.mul_f64(0.8)).await?),
        }
    }

    async fn is_expiry(&self, user: UserId, request: EventId) -> Result<bool, JobError> {
        let mut after = 0;
        loop {
            let events = self.store.reader().stream("user", &user.to_string(), after, STRETCH).await?;
            let Some(last) = events.last() else { return Ok(false) };
            after = last.sequence;
            let Some(asked) = events.iter().find(|event| event.event_id == request) else { continue };
            let asked = asked.decode().map_err(StoreError::from)?;
            return Ok(
                matches!(asked, AnyEvent::User(UserEvent::UserDeletionRequested(e)) if e.by == DeletionBy::Expiry),
            );
        }
    }

    fn later(&self, due: DateTime<Utc>) -> JobError {
        let wait = (due - self.clock.now()).to_std().unwrap_or_default();
        JobError::Retry { after: Some(wait.max(TOO_EARLY)), code: "not-due".into() }
    }

    /// The read model is waited for up to the erasure, after which nothing new begins with this person.
    async fn sever(&self, user: UserId, caller: &Caller) -> Result<(), JobError> {
        loop {
            // Read anew in each round: severing writes events, and the read model must show them.
            let position = self.store.reader().head().await?;
            let others = self.queries.list_connected(user, position, BATCH).await?;
            if others.is_empty() {
                return Ok(());
            }
            for other in others {
                self.social.sever(user, other, caller).await.map_err(|error| refused(&error))?;
            }
        }
    }

    /// Every address that the account ever had, in lower case; none once its key is destroyed.
    async fn addresses(&self, user: UserId) -> Result<BTreeSet<String>, JobError> {
        let (mut found, mut after) = (BTreeSet::new(), 0);
        loop {
            let events = self.store.reader().stream("user", &user.to_string(), after, STRETCH).await?;
            let Some(last) = events.last() else { return Ok(found) };
            after = last.sequence;
            for event in &events {
                let opened = self.store.opener().open(event).await?;
                let payload =
                    serde_json::from_str(&opened).map_err(|_| JobError::permanent("event-unreadable"))?;
                collect(&payload, false, &mut found);
            }
        }
    }
}

/// Addresses in members that are called so.
fn collect(value: &Value, is_address: bool, found: &mut BTreeSet<String>) {
    match value {
        Value::String(text) if is_address && Email::parse(text).is_ok() => {
            found.insert(text.to_ascii_lowercase());
        }
        Value::Array(items) => items.iter().for_each(|item| collect(item, is_address, found)),
        Value::Object(members) => members.iter().for_each(|(name, member)| {
            collect(member, is_address || name.contains("email") || name.contains("address"), found);
        }),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn addresses_are_what_is_called_so() {
        let mut found = BTreeSet::new();
        let event = json!({
            "email": { "~p": "7", "value": "Jane@Example.com" }, "username": { "value": "jane@elsewhere.net" },
            "address": "new@example.net", "reason": "asked by john@example.com", "challenge": 7,
        });

        collect(&event, false, &mut found);

        assert_eq!(found.into_iter().collect::<Vec<_>>(), ["jane@example.com", "new@example.net"]);
    }
}
