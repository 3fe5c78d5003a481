//! The reads that the API offers, in one handle. No SQL leaves this crate.

use crate::{
    accounts::query::{self as accounts, Account},
    api_keys::query::{self as api_keys, ApiKeyRow},
    audit_log::{
        AuditFilter,
        query::{self as audit_log, AuditEntry},
        trail::{self, TrailEvent, TrailScope},
    },
    erasures::query::{self as erasures, Erasure},
    notifications::query::{self as notifications, Notification, NotificationFilter},
    page::{Page, Seek, Stretch},
    paging::{Found, Paging, Turn},
    people::{self, AccountFilter, AccountRow, PeopleFilter, PeopleReader, Person, Viewer},
    profile_pages::query::{self as profile_pages, ProfilePage},
    schema,
    session_gate::{SessionGate, Verdict},
    sessions::query::{self as sessions, SessionView},
    social_graph::{
        lists::{self as follow_lists, FollowFilter},
        query::{self as social_graph, BlockRow, FollowCounts, FollowRow, MuteRow, Standing},
    },
    user_events::query::{self as user_events, UserEventFilter, UserEventRow},
    user_settings::query::{self as user_settings, SettingsRow},
    wallets::query::{self as wallets, Wallet, WalletEntry},
    watcher::Watcher,
};
use chrono::{DateTime, Utc};
use domain::{
    ApiKeyId, BlockId, EventId, FollowId, MuteId, SessionId, UserId, values::Account as LedgerAccount,
};
use sqlx::PgPool;
use std::sync::Arc;
use store::{Opener, Reader, Store, StoreError};
use thiserror::Error;

/// A read that could not be answered.
#[derive(Debug, Error)]
pub enum QueryError {
    #[error("the read models cannot be reached")]
    Unavailable(#[from] sqlx::Error),
    /// The same, of a statement that answers several.
    #[error("the read models cannot be reached")]
    Gathered(#[from] Arc<sqlx::Error>),
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A defect: a row does not fit its type.
    #[error("a row cannot be read")]
    Row(#[from] serde_json::Error),
}

/// All queries. Cheap to clone.
#[derive(Clone)]
pub struct Queries {
    pub(crate) pool: PgPool,
    people: PeopleReader,
    opener: Opener,
    pub(crate) reader: Reader,
    gate: SessionGate,
    watcher: Watcher,
}

impl Queries {
    /// Opens no connection before the first read. Within a runtime, for some reads have tasks.
    pub fn new(store: &Store, connections: u32, gate: SessionGate, watcher: Watcher) -> Self {
        let pool = schema::reading_pool(store.pool(), connections);
        Self {
            people: PeopleReader::new(&pool),
            pool,
            opener: store.opener(),
            reader: store.reader(),
            gate,
            watcher,
        }
    }

    pub async fn find_account(&self, user: UserId) -> Result<Option<Account>, QueryError> {
        accounts::find(&self.pool, user).await
    }

    /// With all that staff are shown of it.
    pub async fn find_account_row(&self, user: UserId) -> Result<Option<AccountRow>, QueryError> {
        Ok(people::find_accounts(&self.pool, &[user]).await?.pop())
    }

    /// In any case.
    pub async fn find_account_by_username(&self, username: &str) -> Result<Option<Account>, QueryError> {
        accounts::find_by_username(&self.pool, username).await
    }

    /// Also one that is over; of a person or of a service.
    pub async fn find_api_key(&self, key: ApiKeyId) -> Result<Option<ApiKeyRow>, QueryError> {
        api_keys::find(&self.pool, key).await
    }

    /// A person's keys, newest first, those too that are over.
    pub async fn list_api_keys(
        &self,
        user: UserId,
        page: impl Into<Paging<DateTime<Utc>>>,
    ) -> Result<Page<ApiKeyRow, Turn<DateTime<Utc>>>, QueryError> {
        api_keys::list_of_user(&self.pool, user, &page.into()).await
    }

    /// The keys of all services, or of one, newest first, those too that are over.
    pub async fn list_service_keys(
        &self,
        service: Option<&str>,
        page: impl Into<Paging<DateTime<Utc>>>,
    ) -> Result<Page<ApiKeyRow, Turn<DateTime<Utc>>>, QueryError> {
        api_keys::list_of_services(&self.pool, service, &page.into()).await
    }

    /// What became of the latest request to delete an account; none if nobody ever asked.
    pub async fn find_erasure(&self, user: UserId) -> Result<Option<Erasure>, QueryError> {
        erasures::find(&self.pool, user).await
    }

    /// Newest request first.
    pub async fn list_erasures(
        &self,
        page: impl Into<Paging<DateTime<Utc>>>,
    ) -> Result<Page<Erasure, Turn<DateTime<Utc>>>, QueryError> {
        erasures::list(&self.pool, &page.into()).await
    }

    /// None before the profile is created.
    pub async fn find_profile(&self, user: UserId) -> Result<Option<ProfilePage>, QueryError> {
        profile_pages::find(&self.pool, user).await
    }

    /// By username in any case.
    pub async fn find_user_id(&self, username: &str) -> Result<Option<UserId>, QueryError> {
        people::find_id(&self.pool, username).await
    }

    /// A person and how the viewer stands to them; what of it may be shown, the answer says. None before the profile
    /// is created.
    pub async fn find_person(&self, viewer: Viewer, person: UserId) -> Result<Option<Person>, QueryError> {
        self.people.find(viewer, person).await
    }

    /// Those who are there for the viewer: the best match first, or the newest.
    pub async fn list_people(
        &self,
        filter: &PeopleFilter,
        page: impl Into<Paging<Found>>,
    ) -> Result<Page<Person, Turn<Found>>, QueryError> {
        people::list_people(&self.pool, filter, &page.into()).await
    }

    /// All accounts, for staff: the best match first, or the newest.
    pub async fn list_accounts(
        &self,
        filter: &AccountFilter,
        page: impl Into<Paging<Found>>,
    ) -> Result<Page<AccountRow, Turn<Found>>, QueryError> {
        people::list_accounts(&self.pool, filter, &page.into()).await
    }

    /// None as long as nothing was chosen: all is as by default.
    pub async fn find_settings(&self, user: UserId) -> Result<Option<SettingsRow>, QueryError> {
        user_settings::find(&self.pool, user).await
    }

    /// Empty for whoever has no entry.
    pub async fn find_wallet(&self, user: UserId) -> Result<Wallet, QueryError> {
        wallets::find(&self.pool, user).await
    }

    /// A person's statement: of one account, or of all.
    pub async fn list_wallet_entries(
        &self,
        user: UserId,
        account: Option<LedgerAccount>,
        stretch: Stretch,
    ) -> Result<Page<WalletEntry, Seek>, QueryError> {
        wallets::list_entries(&self.pool, user, account, stretch).await
    }

    /// Of anybody; none where what it tells of was taken back.
    pub async fn find_notification(&self, id: EventId) -> Result<Option<Notification>, QueryError> {
        notifications::find(&self.pool, id).await
    }

    pub async fn list_notifications(
        &self,
        filter: NotificationFilter,
        stretch: Stretch,
    ) -> Result<Page<Notification, Seek>, QueryError> {
        notifications::list(&self.pool, filter, stretch).await
    }

    /// How many a person has not read.
    pub async fn count_unread_notifications(&self, user: UserId) -> Result<i64, QueryError> {
        notifications::count_unread(&self.pool, user).await
    }

    pub async fn find_session(&self, session: SessionId) -> Result<Option<SessionView>, QueryError> {
        sessions::find(&self.pool, session).await
    }

    /// Newest first, ended ones too.
    pub async fn list_sessions(
        &self,
        user: UserId,
        page: impl Into<Paging<DateTime<Utc>>>,
    ) -> Result<Page<SessionView, Turn<DateTime<Utc>>>, QueryError> {
        sessions::list(&self.pool, user, &page.into()).await
    }

    /// Also one that is over.
    pub async fn find_follow(&self, follow: FollowId) -> Result<Option<FollowRow>, QueryError> {
        social_graph::find_follow(&self.pool, follow).await
    }

    /// Also one that is over.
    pub async fn find_block(&self, block: BlockId) -> Result<Option<BlockRow>, QueryError> {
        social_graph::find_block(&self.pool, block).await
    }

    /// Also one that is over.
    pub async fn find_mute(&self, mute: MuteId) -> Result<Option<MuteRow>, QueryError> {
        social_graph::find_mute(&self.pool, mute).await
    }

    /// Whether a block keeps the two apart, and whether the first follows the second.
    pub async fn find_standing(&self, one: UserId, other: UserId) -> Result<Standing, QueryError> {
        social_graph::find_standing(&self.pool, one, other).await
    }

    /// As they are shown to the viewer; none and none for somebody who is not there.
    pub async fn find_follow_counts(&self, viewer: Viewer, user: UserId) -> Result<FollowCounts, QueryError> {
        follow_lists::find_counts(&self.pool, (user, viewer.user), viewer.now).await
    }

    /// Newest request first.
    pub async fn list_follows(
        &self,
        filter: &FollowFilter,
        page: impl Into<Paging<DateTime<Utc>>>,
    ) -> Result<Page<FollowRow, Turn<DateTime<Utc>>>, QueryError> {
        follow_lists::list_follows(&self.pool, filter, &page.into()).await
    }

    /// A person's blocks that stand, newest first.
    pub async fn list_blocks(
        &self,
        blocker: UserId,
        page: impl Into<Paging<DateTime<Utc>>>,
    ) -> Result<Page<BlockRow, Turn<DateTime<Utc>>>, QueryError> {
        follow_lists::list_blocks(&self.pool, blocker, &page.into()).await
    }

    /// A person's mutes that stand, newest first.
    pub async fn list_mutes(
        &self,
        muter: UserId,
        page: impl Into<Paging<DateTime<Utc>>>,
    ) -> Result<Page<MuteRow, Turn<DateTime<Utc>>>, QueryError> {
        follow_lists::list_mutes(&self.pool, muter, &page.into()).await
    }

    pub async fn list_audit(
        &self,
        filter: &AuditFilter,
        stretch: Stretch,
    ) -> Result<Page<AuditEntry, Seek>, QueryError> {
        audit_log::list(&self.pool, &self.opener, filter, stretch).await
    }

    /// What people did, or what was done to their accounts.
    pub async fn list_user_events(
        &self,
        filter: &UserEventFilter,
        stretch: Stretch,
    ) -> Result<Page<UserEventRow, Seek>, QueryError> {
        user_events::list(&self.pool, filter, stretch).await
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

    /// See [`SessionGate::check_lasting`].
    pub async fn check_lasting_session(
        &self,
        session: SessionId,
        user: UserId,
        epoch: u32,
    ) -> Result<Verdict, QueryError> {
        self.gate.check_lasting(session, user, epoch).await
    }

    pub const fn gate(&self) -> &SessionGate {
        &self.gate
    }

    /// How far each read model is, and waiting for it.
    pub const fn watcher(&self) -> &Watcher {
        &self.watcher
    }
}
