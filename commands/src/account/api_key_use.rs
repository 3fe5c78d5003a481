//! Checks of a presented API key: its owner and scopes, as the log has them at this moment (SESS-07).
//!
//! The log itself is asked at every use, never a read model or a memory that follows it: once a revocation is
//! acknowledged, no node accepts the key any more (ADR 17).

use super::{AccountError, Accounts};
use crate::{CommandError, Executor, Principal, key_text::KeyKind};
use chrono::{DateTime, Utc};
use domain::{
    ApiKeyId, UserId,
    api_key::{ApiKey, ApiKeyEvent, Holder},
    user::User,
    values::Scope,
};
use std::collections::BTreeSet;
use tokio::try_join;

/// A key that counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LiveApiKey {
    pub id: ApiKeyId,
    pub holder: Holder,
    /// Absent for a service's key.
    pub name: Option<String>,
    pub scopes: BTreeSet<Scope>,
    pub created_at: DateTime<Utc>,
    pub expires_at: DateTime<Utc>,
}

impl LiveApiKey {
    /// On whose behalf its commands run.
    pub fn principal(&self) -> Principal {
        match &self.holder {
            Holder::User(user) => Principal::Key { id: self.id, user: *user },
            Holder::Service(name) => Principal::Service { name: name.clone(), key: self.id },
        }
    }

    pub const fn kind(&self) -> KeyKind {
        kind(&self.holder)
    }
}

pub(super) const fn kind(holder: &Holder) -> KeyKind {
    match holder {
        Holder::User(_) => KeyKind::Person,
        Holder::Service(_) => KeyKind::Service,
    }
}

impl Accounts {
    /// The key of this text, if it counts now. A person's key counts only while the person may sign in, a service's while
    /// whoever answers for it may and is staff; and neither from a reset of that person's password until it is confirmed.
    ///
    /// # Errors
    /// [`AccountError::ApiKeyInvalid`], [`AccountError::ApiKeyRevoked`], [`AccountError::ApiKeyExpired`],
    /// [`AccountError::ApiKeyDormant`], [`AccountError::ApiKeyUnconfirmed`]; [`CommandError::Unavailable`] if the log
    /// cannot be asked.
    pub async fn check_api_key(&self, text: &str) -> Result<LiveApiKey, CommandError> {
        let invalid = || CommandError::rejected(AccountError::ApiKeyInvalid);
        // Nobody makes us ask the log by a key that he made up himself.
        let (_, id) = self.codes.api_key_claims(text).ok_or_else(invalid)?;
        let (key, account) = self.key_and_person(id).await?;
        let holder = key.holder.clone().ok_or_else(invalid)?;
        let at = self.executor.now();
        let dead = match account {
            _ if key.revoked_at.is_some() => Some(AccountError::ApiKeyRevoked),
            _ if !key.is_live(at) => Some(AccountError::ApiKeyExpired),
            // It never wakes again.
            Some(ref account) if holder.user().is_some() && account.erased.is_some() => {
                Some(AccountError::ApiKeyRevoked)
            }
            account if !is_awake(&holder, account.as_ref(), at) => Some(AccountError::ApiKeyDormant),
            Some(account) if key.sleeps(&account) => Some(AccountError::ApiKeyUnconfirmed),
            Some(_) | None => None,
        };
        if let Some(error) = dead {
            return Err(CommandError::rejected(error));
        }
        let name = key.name.as_ref().and_then(|name| name.known().cloned());
        let ApiKey { scopes, created_at, expires_at, .. } = key;
        Ok(LiveApiKey { id, holder, name, scopes, created_at, expires_at })
    }

    /// Whether a key that was let in still counts.
    ///
    /// # Errors
    /// [`CommandError::Unavailable`] if the log cannot be asked.
    pub async fn api_key_counts(&self, id: ApiKeyId) -> Result<bool, CommandError> {
        let (key, account) = self.key_and_person(id).await?;
        let at = self.executor.now();
        let holder = key.holder.as_ref();
        let awake = holder.is_some_and(|holder| is_awake(holder, account.as_ref(), at));
        Ok(key.is_live(at) && awake && !account.is_some_and(|account| key.sleeps(&account)))
    }

    /// The key and who answers for it, both as the log has them. One look for both, unless the key was just taken over.
    async fn key_and_person(&self, id: ApiKeyId) -> Result<(ApiKey, Option<User>), CommandError> {
        let store = self.executor.store();
        let known = store.load::<ApiKey>(id).await?;
        let person = answers_for(&self.executor, id, &known.state).await?;
        let key = async { if known.fresh { Ok(known) } else { store.load_fresh::<ApiKey>(id).await } };
        let Some(person) = person else { return Ok((key.await?.state, None)) };
        let (key, account) = try_join!(key, store.load_fresh::<User>(person))?;
        Ok(match answers_for(&self.executor, id, &key.state).await? {
            Some(now) if now != person => (key.state, Some(self.user(now).await?)),
            _ => (key.state, Some(account.state)),
        })
    }
}

/// What a login asks of an account, but for the password.
pub(crate) fn may_sign_in(account: &User, at: DateTime<Utc>) -> bool {
    account.is_present() && account.is_verified() && account.suspended(at).is_none()
}

/// A person's key sleeps while they may not sign in, a service's while nobody who is staff answers for it.
fn is_awake(holder: &Holder, account: Option<&User>, at: DateTime<Utc>) -> bool {
    account.is_some_and(|account| {
        let suits = matches!(holder, Holder::User(_)) || account.role.is_staff();
        suits && may_sign_in(account, at)
    })
}

/// The person of a person's key; of a service's, who made it or took it over.
pub(crate) async fn answers_for(
    executor: &Executor,
    id: ApiKeyId,
    key: &ApiKey,
) -> Result<Option<UserId>, CommandError> {
    match &key.holder {
        None => Ok(None),
        Some(Holder::User(user)) => Ok(Some(*user)),
        Some(Holder::Service(_)) if key.taken_over_by.is_some() => Ok(key.taken_over_by),
        Some(Holder::Service(_)) => made_by(executor, id, key).await,
    }
}

/// Who made a service's key. Events from before keys knew it name them in their metadata only.
pub(crate) async fn made_by(
    executor: &Executor,
    id: ApiKeyId,
    key: &ApiKey,
) -> Result<Option<UserId>, CommandError> {
    if key.made_by.is_some() {
        return Ok(key.made_by);
    }
    let Some(kind) = ApiKeyEvent::KINDS.first() else { return Ok(None) };
    let first = executor.store().reader().stream(kind.aggregate, &id.to_string(), 0, 1).await?;
    let actor = first.first().and_then(|event| event.metadata().remove("actor"));
    Ok(actor.and_then(|actor| actor.strip_prefix("user:")?.parse().ok()))
}
