//! Keys of services: an owner makes them and answers for them, and they sleep when that person leaves staff or resets the
//! password (KEY-01).

use super::{
    Accounts,
    api_key_use::{answers_for, made_by, may_sign_in},
    api_keys::{MadeApiKey, Making, revoke},
    staff::{acting_staff, as_owner, staffed},
};
use crate::{Caller, CommandError, Done, Refusal, Unit, account::AccountError};
use chrono::{DateTime, Utc};
use domain::{
    ApiKeyId, UserId,
    api_key::{ApiKey, Holder, RevokeCause, TakeOverApiKey},
    user::User,
    values::{Scope, ServiceName},
};
use secrecy::SecretString;
use std::collections::BTreeSet;

/// What a service's key shall be.
#[derive(Clone, Debug)]
pub struct NewServiceKey {
    pub service: ServiceName,
    pub scopes: BTreeSet<Scope>,
    /// None: after [`DEFAULT_LIFETIME`](domain::api_key::DEFAULT_LIFETIME).
    pub expires_at: Option<DateTime<Utc>>,
}

/// Who stands for a service's key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ServiceKeyStanding {
    pub made_by: Option<UserId>,
    /// Who answers for it since, in place of whoever made it.
    pub taken_over_by: Option<UserId>,
    /// Nobody who is staff, and may sign in, answers for it; or whoever does has reset the password since.
    pub sleeps: bool,
}

impl Accounts {
    /// An owner makes a key for a service, answers for it, and shows that they are there as for a key of their own.
    ///
    /// # Errors
    /// [`ApiKeyError`](domain::api_key::ApiKeyError); [`AccountError::StaffOnly`](super::AccountError),
    /// [`AccountError::OwnersKeys`](super::AccountError), `PasswordNeeded`, `WrongPassword`.
    pub async fn create_service_key(
        &self,
        new: NewServiceKey,
        password: Option<SecretString>,
        caller: &Caller,
    ) -> Result<MadeApiKey, CommandError> {
        if let Some(made) = self.made_before(caller).await? {
            return Ok(made);
        }
        let proven = self.prove(password, caller).await?;
        let (by, at) = (as_owner(acting_staff(&self.executor, caller).await?)?, self.executor.now());
        let NewServiceKey { service, scopes, expires_at } = new;
        let holder = Holder::Service(service.as_str().to_owned());
        let epoch = self.user(by.user).await?.keys.epoch;
        let stands = Box::new(move |unit| {
            staffed(proven.stands(unit, at), by, at)
                .reads::<User>(by.user, move |owner| of_epoch(owner, epoch))
        });
        let (made_by, epoch) = (Some(by.user), Some(epoch));
        self.make_key(Making { holder, name: None, scopes, expires_at, made_by, epoch, stands }, caller).await
    }

    /// An owner answers for a service's key from now on, which wakes it up, and shows that they are there as for making
    /// one. Repeated, it changes nothing.
    ///
    /// # Errors
    /// [`CommandError::NotFound`] for a key that is not there or a person's;
    /// [`ApiKeyError::Revoked`](domain::api_key::ApiKeyError); [`AccountError::StaffOnly`](super::AccountError),
    /// [`AccountError::OwnersKeys`](super::AccountError), `PasswordNeeded`, `WrongPassword`.
    pub async fn take_over_service_key(
        &self,
        key: ApiKeyId,
        password: Option<SecretString>,
        caller: &Caller,
    ) -> Result<Done<ApiKey>, CommandError> {
        if let Some(outcome) = self.executor.replayed(caller).await? {
            return self.executor.recall(&outcome).await;
        }
        let (by, at) = (as_owner(acting_staff(&self.executor, caller).await?)?, self.executor.now());
        self.of_a_service(key).await?;
        let proven = self.prove(password, caller).await?;
        let epoch = self.user(by.user).await?.keys.epoch;
        let unit = Unit::new().on::<ApiKey>(key, TakeOverApiKey { by: by.user, epoch, at });
        let unit = staffed(proven.stands(unit, at), by, at);
        let unit = unit.reads::<User>(by.user, move |owner| of_epoch(owner, epoch));
        self.executor.run_one(unit, caller).await
    }

    /// Staff revoke a service's key.
    ///
    /// # Errors
    /// [`CommandError::NotFound`] for a key that is not there or a person's;
    /// [`AccountError::StaffOnly`](super::AccountError).
    pub async fn revoke_service_key(
        &self,
        key: ApiKeyId,
        caller: &Caller,
    ) -> Result<Done<ApiKey>, CommandError> {
        let (by, at) = (acting_staff(&self.executor, caller).await?, self.executor.now());
        self.of_a_service(key).await?;
        let unit = Unit::new().on::<ApiKey>(key, revoke(RevokeCause::Requested, at));
        self.executor.run_one(staffed(unit, by, at), caller).await
    }

    /// Who stands for a service's key by now, as the log has it.
    ///
    /// # Errors
    /// [`CommandError::Unavailable`] if the log cannot be asked.
    pub async fn service_key_standing(&self, id: ApiKeyId) -> Result<ServiceKeyStanding, CommandError> {
        let key = self.executor.store().load_fresh::<ApiKey>(id).await?.state;
        let at = self.executor.now();
        let awake = match answers_for(&self.executor, id, &key).await? {
            Some(person) => {
                let account = self.user(person).await?;
                account.role.is_staff() && may_sign_in(&account, at) && !key.sleeps(&account)
            }
            None => false,
        };
        let made_by = made_by(&self.executor, id, &key).await?;
        Ok(ServiceKeyStanding { made_by, taken_over_by: key.taken_over_by, sleeps: !awake })
    }

    /// Names of the services among these keys that have slept since this person, who answers for them, reset the password.
    ///
    /// # Errors
    /// [`CommandError::Unavailable`] if the log cannot be asked.
    pub async fn services_asleep_by_reset(
        &self,
        person: UserId,
        keys: &[ApiKeyId],
    ) -> Result<BTreeSet<String>, CommandError> {
        let (account, at) = (self.user(person).await?, self.executor.now());
        let mut services = BTreeSet::new();
        for id in keys {
            let key = self.executor.store().load_fresh::<ApiKey>(*id).await?.state;
            let theirs = answers_for(&self.executor, *id, &key).await? == Some(person);
            if theirs && key.is_live(at) && key.sleeps(&account) {
                services.extend(key.holder.as_ref().and_then(Holder::service).map(str::to_owned));
            }
        }
        Ok(services)
    }

    /// Whose a key is never changes.
    async fn of_a_service(&self, key: ApiKeyId) -> Result<(), CommandError> {
        let holder = self.executor.store().load::<ApiKey>(key).await?.state.holder;
        let service = holder.and_then(|holder| holder.service().map(drop));
        service.ok_or(CommandError::NotFound)
    }
}

/// A reset that comes between would not put the key to sleep.
fn of_epoch(owner: &User, epoch: u32) -> Result<(), Refusal> {
    match owner.keys.epoch == epoch {
        true => Ok(()),
        false => Err(Refusal::new(AccountError::ChangedMeanwhile)),
    }
}
