//! API keys are made, renamed and revoked, by their people (KEY-01); those of services are in [`super::service_keys`].
//!
//! A holder has a bounded number of places for keys, each of which is a claim: of any number of requests that run at
//! once no more keys come to be than there are places.

use super::{
    AccountError, Accounts,
    api_key_use::{kind, may_sign_in},
};
use crate::{Caller, CommandError, Done, Refusal, Unit, Warrant};
use chrono::{DateTime, Utc};
use domain::{
    ApiKeyId, ClaimKind, UserId,
    api_key::{
        ApiKey, ApiKeyError, CreateApiKey, Holder, RenameApiKey, RevokeApiKey, RevokeCause, SLOTS, Slot,
    },
    user::User,
    values::{ApiKeyName, Scope},
};
use secrecy::SecretString;
use std::collections::BTreeSet;

/// Each lost race means that somebody else took a place: after so many there is none left.
const ATTEMPTS: u8 = SLOTS + 1;

/// What a person's key shall be.
#[derive(Clone, Debug)]
pub struct NewApiKey {
    pub name: ApiKeyName,
    pub scopes: BTreeSet<Scope>,
    /// None: after [`DEFAULT_LIFETIME`](domain::api_key::DEFAULT_LIFETIME).
    pub expires_at: Option<DateTime<Utc>>,
}

/// A key that was made.
#[derive(Debug)]
pub struct MadeApiKey {
    pub id: ApiKeyId,
    /// To be shown once; none to a replay.
    pub secret: Option<SecretString>,
    pub done: Done<ApiKey>,
}

/// A key to be, and what it stands on in the same append.
pub(super) struct Making<'a> {
    pub holder: Holder,
    pub name: Option<ApiKeyName>,
    pub scopes: BTreeSet<Scope>,
    pub expires_at: Option<DateTime<Utc>>,
    /// Who answers for a service's.
    pub made_by: Option<UserId>,
    /// Of its person, or of whoever answers for it, see [`KeySleep`](domain::user::KeySleep).
    pub epoch: Option<u32>,
    pub stands: Box<dyn Fn(Unit) -> Unit + Send + Sync + 'a>,
}

impl Accounts {
    /// Makes a key of the caller's own, who shows by the password, or a login a moment ago, that they are its person.
    ///
    /// # Errors
    /// [`ApiKeyError`]; [`AccountError::PasswordNeeded`], [`AccountError::WrongPassword`];
    /// [`CommandError::Forbidden`] without a verified session: no key makes another.
    pub async fn create_api_key(
        &self,
        new: NewApiKey,
        password: Option<SecretString>,
        caller: &Caller,
    ) -> Result<MadeApiKey, CommandError> {
        if let Some(made) = self.made_before(caller).await? {
            return Ok(made);
        }
        let proven = self.prove(password, caller).await?;
        let (user, at) = (proven.user, self.executor.now());
        let epoch = self.user(user).await?.keys.epoch;
        let NewApiKey { name, scopes, expires_at } = new;
        let stands = Box::new(move |unit: Unit| {
            let unit = proven.stands(unit, at).warranted(Warrant::OwnKey);
            unit.reads::<User>(user, move |account| may_hold_keys(account, epoch, at))
        });
        let making = Making {
            holder: Holder::User(user),
            name: Some(name),
            scopes,
            expires_at,
            made_by: None,
            epoch: Some(epoch),
            stands,
        };
        self.make_key(making, caller).await
    }

    /// Renames one of the caller's keys.
    ///
    /// # Errors
    /// [`CommandError::NotFound`] for a key that is not there or another's; [`ApiKeyError::Revoked`].
    pub async fn rename_api_key(
        &self,
        key: ApiKeyId,
        name: ApiKeyName,
        caller: &Caller,
    ) -> Result<Done<ApiKey>, CommandError> {
        let rename = RenameApiKey { name, at: self.executor.now() };
        self.executor.run(key, rename, caller).await.map_err(absent)
    }

    /// Revokes one of the caller's keys: from the acknowledgement on no node accepts it. Repeated, it changes nothing.
    ///
    /// # Errors
    /// [`CommandError::NotFound`] for a key that is not there or another's.
    pub async fn revoke_api_key(&self, key: ApiKeyId, caller: &Caller) -> Result<Done<ApiKey>, CommandError> {
        self.executor
            .run(key, revoke(RevokeCause::Requested, self.executor.now()), caller)
            .await
            .map_err(absent)
    }

    pub(super) async fn make_key(
        &self,
        making: Making<'_>,
        caller: &Caller,
    ) -> Result<MadeApiKey, CommandError> {
        let mut attempt = 1;
        loop {
            if let Some(made) = self.made_before(caller).await? {
                return Ok(made);
            }
            match self.try_to_make(&making, caller).await {
                Err(CommandError::Duplicate(ClaimKind::ApiKeySlot)) if attempt < ATTEMPTS => attempt += 1,
                made => return made,
            }
        }
    }

    pub(super) async fn made_before(&self, caller: &Caller) -> Result<Option<MadeApiKey>, CommandError> {
        let Some(outcome) = self.executor.replayed(caller).await? else { return Ok(None) };
        let done = self.executor.recall::<ApiKey>(&outcome).await?;
        Ok(Some(MadeApiKey { id: ApiKeyId::from_uuid(done.receipt.id), secret: None, done }))
    }

    async fn try_to_make(&self, making: &Making<'_>, caller: &Caller) -> Result<MadeApiKey, CommandError> {
        let at = self.executor.now();
        let id = ApiKeyId::mint(at, self.executor.mint().id_bytes());
        let create = CreateApiKey {
            holder: making.holder.clone(),
            name: making.name.clone(),
            scopes: making.scopes.clone(),
            slot: self.free_slot(making, at, caller).await?,
            at,
            expires_at: making.expires_at,
            epoch: making.epoch,
            made_by: making.made_by,
        };
        let unit = (making.stands)(Unit::new().begin::<ApiKey>(id, create));
        let done = self.executor.run_one::<ApiKey>(unit, caller).await?;
        let secret = (!done.receipt.replayed).then(|| self.codes.api_key(kind(&making.holder), id).into());
        Ok(MadeApiKey { id: ApiKeyId::from_uuid(done.receipt.id), secret, done })
    }

    /// A place that nobody has taken. Where all are, a key that has expired gives up its own.
    async fn free_slot(
        &self,
        making: &Making<'_>,
        at: DateTime<Utc>,
        caller: &Caller,
    ) -> Result<u8, CommandError> {
        let store = self.executor.store();
        let mut taken = Vec::new();
        for number in 0..SLOTS {
            let value = Slot { holder: &making.holder, number }.to_string();
            match store.claim_owner(ClaimKind::ApiKeySlot, &value).await? {
                Some(key) => taken.push((number, ApiKeyId::from_uuid(key))),
                None => return Ok(number),
            }
        }
        for (number, key) in taken {
            if !store.load_fresh::<ApiKey>(key).await?.state.is_live(at) {
                let unit = Unit::new().on::<ApiKey>(key, revoke(RevokeCause::Expired, at));
                self.executor.run_all((making.stands)(unit), &caller.unkeyed()).await?;
                return Ok(number);
            }
        }
        Err(CommandError::rejected(ApiKeyError::TooMany))
    }
}

pub(super) const fn revoke(cause: RevokeCause, at: DateTime<Utc>) -> RevokeApiKey {
    RevokeApiKey { cause, at }
}

/// The session was let in a moment ago. A reset that comes between would not put the key to sleep.
fn may_hold_keys(account: &User, epoch: u32, at: DateTime<Utc>) -> Result<(), Refusal> {
    if may_sign_in(account, at) && account.keys.epoch == epoch {
        Ok(())
    } else {
        Err(Refusal::new(AccountError::ChangedMeanwhile))
    }
}

/// Another's is as absent as one that never was.
fn absent(error: CommandError) -> CommandError {
    match error {
        CommandError::Forbidden => CommandError::NotFound,
        error => error,
    }
}
