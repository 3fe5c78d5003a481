//! API keys as their people, and staff, see them (KEY-01). The key itself is shown once.

use chrono::{DateTime, Utc};
use commands::{
    LiveApiKey, ServiceKeyStanding,
    key_text::{KeyKind, prefix},
};
use domain::{ApiKeyId, UserId, api_key::ApiKey, values::Scope};
use projections::{
    Activity,
    api_keys::query::{ApiKeyRow, ApiKeyStatus},
};
use serde::Serialize;
use std::collections::BTreeSet;
use utoipa::ToSchema;
use uuid::Uuid;

/// A person's key.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ApiKeyView {
    pub id: Uuid,
    #[schema(example = "photo backup")]
    pub name: Option<String>,
    /// What the key begins with.
    #[schema(example = "annals_key_05ZTOo1hKzmB")]
    pub prefix: String,
    /// What it may do.
    #[schema(example = json!(["profile:read"]))]
    pub scopes: Vec<&'static str>,
    /// `active`, `dormant`, `expired` or `revoked`. An active one counts while its person may sign in; a dormant one
    /// waits for its person to confirm it.
    #[schema(example = "active")]
    pub status: &'static str,
    pub created_at: DateTime<Utc>,
    pub expires_at: DateTime<Utc>,
    /// Up to a minute late where another node answered; null before the first use.
    pub last_used_at: Option<DateTime<Utc>>,
    pub revoked_at: Option<DateTime<Utc>>,
    /// A reset of the password, or a change of the address that was stopped: until it is confirmed the key sleeps.
    pub dormant_since: Option<DateTime<Utc>>,
}

/// A key that was made just now.
#[derive(Clone, Serialize, ToSchema)]
pub struct NewApiKeyView {
    #[serde(flatten)]
    #[schema(inline)]
    pub about: ApiKeyView,
    /// The key itself, shown here and never again.
    #[schema(format = Password)]
    pub key: String,
}

/// A service's key.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ServiceKeyView {
    pub id: Uuid,
    #[schema(example = "badge-engine")]
    pub service: String,
    /// What the key begins with.
    #[schema(example = "annals_svc_05ZTOo1hKzmB")]
    pub prefix: String,
    /// What it may do.
    #[schema(example = json!(["events:write"]))]
    pub scopes: Vec<&'static str>,
    /// `active`, `dormant`, `expired` or `revoked`. It is dormant while nobody who is staff answers for it.
    #[schema(example = "active")]
    pub status: &'static str,
    /// Who made it, and answers for it as long as nobody has taken it over.
    pub created_by: Option<Uuid>,
    /// The owner who answers for it since.
    pub taken_over_by: Option<Uuid>,
    pub created_at: DateTime<Utc>,
    pub expires_at: DateTime<Utc>,
    /// Up to a minute late where another node answered; null before the first use.
    pub last_used_at: Option<DateTime<Utc>>,
    pub revoked_at: Option<DateTime<Utc>>,
}

/// A key that was made just now.
#[derive(Clone, Serialize, ToSchema)]
pub struct NewServiceKeyView {
    #[serde(flatten)]
    #[schema(inline)]
    pub about: ServiceKeyView,
    /// The key itself, shown here and never again.
    #[schema(format = Password)]
    pub key: String,
}

/// What the key that asks is.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct OwnKeyView {
    pub id: Uuid,
    /// `person` or `service`.
    #[schema(example = "person")]
    pub kind: &'static str,
    /// For whom it acts.
    pub user_id: Option<Uuid>,
    pub service: Option<String>,
    pub name: Option<String>,
    pub prefix: String,
    #[schema(example = json!(["profile:read"]))]
    pub scopes: Vec<&'static str>,
    pub created_at: DateTime<Utc>,
    pub expires_at: DateTime<Utc>,
}

fn names(scopes: &BTreeSet<Scope>) -> Vec<&'static str> {
    scopes.iter().map(|scope| scope.name()).collect()
}

/// A key as a command left it, before the read model shows it.
pub fn row(key_id: ApiKeyId, key: &ApiKey) -> ApiKeyRow {
    ApiKeyRow {
        key_id,
        user_id: key.holder.as_ref().and_then(|holder| holder.user()),
        service: key.holder.as_ref().and_then(|holder| holder.service()).map(str::to_owned),
        name: key.name.as_ref().and_then(|name| name.known().cloned()),
        scopes: key.scopes.clone(),
        created_by: None,
        created_at: key.created_at,
        expires_at: key.expires_at,
        revoked_at: key.revoked_at,
        dormant_since: None,
        version: 0,
    }
}

impl ApiKeyView {
    pub fn new(row: ApiKeyRow, seen: Option<Activity>, now: DateTime<Utc>) -> Self {
        Self {
            id: row.key_id.uuid(),
            prefix: prefix(KeyKind::Person, row.key_id),
            scopes: names(&row.scopes),
            status: row.status(now).name(),
            name: row.name,
            created_at: row.created_at,
            expires_at: row.expires_at,
            last_used_at: seen.map(|seen| seen.last_active),
            revoked_at: row.revoked_at,
            dormant_since: row.dormant_since,
        }
    }
}

impl ServiceKeyView {
    pub fn new(
        row: ApiKeyRow,
        standing: ServiceKeyStanding,
        seen: Option<Activity>,
        now: DateTime<Utc>,
    ) -> Self {
        let status = row.status(now);
        let is_dormant = standing.sleeps && status == ApiKeyStatus::Active;
        Self {
            id: row.key_id.uuid(),
            prefix: prefix(KeyKind::Service, row.key_id),
            scopes: names(&row.scopes),
            status: if is_dormant { "dormant" } else { status.name() },
            created_by: standing.made_by.map(UserId::uuid),
            taken_over_by: standing.taken_over_by.map(UserId::uuid),
            service: row.service.unwrap_or_default(),
            created_at: row.created_at,
            expires_at: row.expires_at,
            last_used_at: seen.map(|seen| seen.last_active),
            revoked_at: row.revoked_at,
        }
    }
}

impl From<LiveApiKey> for OwnKeyView {
    fn from(key: LiveApiKey) -> Self {
        let kind = key.kind();
        Self {
            id: key.id.uuid(),
            kind: match kind {
                KeyKind::Person => "person",
                KeyKind::Service => "service",
            },
            user_id: key.holder.user().map(UserId::uuid),
            service: key.holder.service().map(str::to_owned),
            prefix: prefix(kind, key.id),
            scopes: names(&key.scopes),
            name: key.name,
            created_at: key.created_at,
            expires_at: key.expires_at,
        }
    }
}
