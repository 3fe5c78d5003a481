//! The reads that the API offers, in one handle. No SQL leaves this crate.

use crate::{
    accounts::query::{self as accounts, Account},
    audit_log::{
        AuditFilter,
        query::{self as audit_log, AuditEntry},
        trail::{self, TrailEvent, TrailScope},
    },
    page::{Numbered, Page, Seek, Stretch},
    profile_pages::query::{self as profile_pages, ProfilePage},
    schema,
    session_gate::{SessionGate, Verdict},
    sessions::query::{self as sessions, SessionView},
    watcher::Watcher,
};
use domain::{SessionId, UserId};
use sqlx::PgPool;
use store::{Opener, Reader, Store, StoreError};
use thiserror::Error;

/// A read that could not be answered.
#[derive(Debug, Error)]
pub enum QueryError {
    #[error("the read models cannot be reached")]
    Unavailable(#[from] sqlx::Error),
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A defect: a row does not fit its type.
    #[error("a row cannot be read: {0}")]
    Row(#[from] serde_json::Error),
}

/// All queries. Cheap to clone.
#[derive(Clone)]
pub struct Queries {
    pool: PgPool,
    opener: Opener,
    reader: Reader,
    gate: SessionGate,
    watcher: Watcher,
}

impl Queries {
    /// Opens no connection before the first read.
    pub fn new(store: &Store, connections: u32, gate: SessionGate, watcher: Watcher) -> Self {
        Self {
            pool: schema::reading_pool(store.pool(), connections),
            opener: store.opener(),
            reader: store.reader(),
            gate,
            watcher,
        }
    }

    pub async fn find_account(&self, user: UserId) -> Result<Option<Account>, QueryError> {
        accounts::find(&self.pool, user).await
    }

    /// In any case.
    pub async fn find_account_by_username(&self, username: &str) -> Result<Option<Account>, QueryError> {
        accounts::find_by_username(&self.pool, username).await
    }

    /// None before the profile is created.
    pub async fn find_profile(&self, user: UserId) -> Result<Option<ProfilePage>, QueryError> {
        profile_pages::find(&self.pool, user).await
    }

    pub async fn find_session(&self, session: SessionId) -> Result<Option<SessionView>, QueryError> {
        sessions::find(&self.pool, session).await
    }

    /// Newest first, ended ones too.
    pub async fn list_sessions(
        &self,
        user: UserId,
        page: Numbered,
    ) -> Result<Page<SessionView, u32>, QueryError> {
        sessions::list(&self.pool, user, page).await
    }

    pub async fn list_audit(
        &self,
        filter: &AuditFilter,
        stretch: Stretch,
    ) -> Result<Page<AuditEntry, Seek>, QueryError> {
        audit_log::list(&self.pool, &self.opener, filter, stretch).await
    }

    /// The log's events after a position, oldest first; not counted.
    pub async fn list_events(
        &self,
        scope: &TrailScope,
        after: i64,
        limit: u32,
    ) -> Result<Page<TrailEvent, Seek>, QueryError> {
        trail::list((&self.pool, &self.reader, &self.opener), scope, after, limit).await
    }

    /// Whether the session of an access token still counts.
    pub async fn check_session(
        &self,
        session: SessionId,
        user: UserId,
        epoch: u32,
    ) -> Result<Verdict, QueryError> {
        self.gate.check(session, user, epoch).await
    }

    pub const fn gate(&self) -> &SessionGate {
        &self.gate
    }

    /// How far each read model is, and waiting for it.
    pub const fn watcher(&self) -> &Watcher {
        &self.watcher
    }
}
