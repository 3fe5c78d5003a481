//! After a reset of the password a person's keys sleep; the person says which of them are theirs, with the password.

use super::{Accounts, api_key_use::may_sign_in, step_up::Proven};
use crate::{Caller, CommandError, Done, Refusal, Unit, Warrant, account::AccountError};
use chrono::{DateTime, Utc};
use domain::{
    ApiKeyId, ClaimKind, UserId,
    api_key::{ApiKey, ConfirmApiKey, Holder, SLOTS, Slot},
    user::User,
};
use secrecy::SecretString;

/// Keys that count again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfirmedApiKeys {
    pub keys: Vec<ApiKeyId>,
    /// Reads that have seen this position have seen them awake.
    pub position: i64,
}

impl Accounts {
    /// Wakes one of the caller's keys. One that is awake stays as it is.
    ///
    /// # Errors
    /// [`AccountError::WrongPassword`]; [`CommandError::NotFound`] for a key that is not there or another's;
    /// [`ApiKeyError::Revoked`](domain::api_key::ApiKeyError).
    pub async fn confirm_api_key(
        &self,
        key: ApiKeyId,
        password: SecretString,
        caller: &Caller,
    ) -> Result<Done<ApiKey>, CommandError> {
        if let Some(outcome) = self.executor.replayed(caller).await? {
            return self.executor.recall(&outcome).await;
        }
        let proven = self.prove_by_password(password, caller).await?;
        let (account, at) = (self.user(proven.user).await?, self.executor.now());
        let state = self.executor.store().load_fresh::<ApiKey>(key).await?.state;
        if state.holder != Some(Holder::User(proven.user)) {
            return Err(CommandError::NotFound);
        }
        if state.revoked_at.is_none() && !state.sleeps(&account) {
            return self.executor.unchanged(key).await;
        }
        let unit = confirming(Unit::new(), key, &account, at);
        self.executor.run_one(stands(unit, proven, &account, at), caller).await
    }

    /// Wakes every key of the caller's that sleeps.
    ///
    /// # Errors
    /// [`AccountError::WrongPassword`].
    pub async fn confirm_api_keys(
        &self,
        password: SecretString,
        caller: &Caller,
    ) -> Result<ConfirmedApiKeys, CommandError> {
        if let Some(outcome) = self.executor.replayed(caller).await? {
            return Ok(confirmed(&outcome));
        }
        let proven = self.prove_by_password(password, caller).await?;
        let (account, at) = (self.user(proven.user).await?, self.executor.now());
        let mut unit = Unit::new();
        for key in self.sleeping_keys(proven.user, &account, at).await? {
            unit = confirming(unit, key, &account, at);
        }
        let outcome = self.executor.run_all(stands(unit, proven, &account, at), caller).await?;
        Ok(confirmed(&outcome))
    }

    async fn sleeping_keys(
        &self,
        user: UserId,
        account: &User,
        at: DateTime<Utc>,
    ) -> Result<Vec<ApiKeyId>, CommandError> {
        let (store, holder) = (self.executor.store(), Holder::User(user));
        let mut sleeping = Vec::new();
        for number in 0..SLOTS {
            let value = Slot { holder: &holder, number }.to_string();
            let Some(key) = store.claim_owner(ClaimKind::ApiKeySlot, &value).await? else { continue };
            let key = ApiKeyId::from_uuid(key);
            let state = store.load_fresh::<ApiKey>(key).await?.state;
            if state.is_live(at) && state.sleeps(account) {
                sleeping.push(key);
            }
        }
        Ok(sleeping)
    }
}

fn confirmed(outcome: &crate::Outcome) -> ConfirmedApiKeys {
    let keys = outcome.receipts.iter().map(|receipt| ApiKeyId::from_uuid(receipt.id)).collect();
    ConfirmedApiKeys { keys, position: outcome.position }
}

fn confirming(unit: Unit, key: ApiKeyId, account: &User, at: DateTime<Utc>) -> Unit {
    unit.on::<ApiKey>(key, ConfirmApiKey { epoch: account.keys.epoch, at })
}

/// A reset that comes between puts the keys to sleep again, whatever was confirmed before it.
fn stands(unit: Unit, proven: Proven, account: &User, at: DateTime<Utc>) -> Unit {
    let epoch = account.keys.epoch;
    proven.stands(unit, at).warranted(Warrant::OwnKey).reads::<User>(proven.user, move |account| {
        match may_sign_in(account, at) && account.keys.epoch == epoch {
            true => Ok(()),
            false => Err(Refusal::new(AccountError::ChangedMeanwhile)),
        }
    })
}
