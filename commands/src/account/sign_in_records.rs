//! Records of rejected logins and of throttled attempts (ASVS 16.3.1, 16.3.3).

use super::Accounts;
use crate::{Caller, CommandError, Unit, Warrant};
use chrono::NaiveDate;
use domain::{
    SignInId, UserId,
    sign_in::{
        BotOutcome, BotSignal, FailureCause, RecordFailure, RecordRefusal, RefusalCause, SignIn,
        SignInCommand,
    },
};
use moka::sync::Cache;

/// Refusals that are on record, as this process remembers: those need no second look.
pub(super) struct RecordedRefusals(Cache<(String, String, NaiveDate), ()>);

impl Default for RecordedRefusals {
    fn default() -> Self {
        Self(Cache::new(10_000))
    }
}

impl Accounts {
    pub(super) async fn record_failure(
        &self,
        account: Option<UserId>,
        cause: FailureCause,
        caller: &Caller,
    ) -> Result<(), CommandError> {
        let at = self.executor.now();
        let day = at.date_naive();
        let stream = account.map_or_else(
            || SignInId::of_client(&caller.client_prefix(), day),
            |user| SignInId::of_account(user, day),
        );
        self.record_sign_in(stream, RecordFailure { account, cause, at }, caller).await
    }

    pub(super) async fn record_refusal(
        &self,
        account: UserId,
        cause: RefusalCause,
        caller: &Caller,
    ) -> Result<(), CommandError> {
        let at = self.executor.now();
        let stream = SignInId::of_account(account, at.date_naive());
        self.record_sign_in(stream, RecordRefusal { account, cause, at }, caller).await
    }

    /// Beside what the request itself does: its idempotency key is not for this.
    async fn record_sign_in(
        &self,
        stream: SignInId,
        record: impl Into<SignInCommand>,
        caller: &Caller,
    ) -> Result<(), CommandError> {
        let unit = Unit::new().warranted(Warrant::Request).on::<SignIn>(stream, record);
        self.executor.run_all(unit, &caller.unkeyed()).await.map(drop)
    }

    /// The same result. That a throttle refused is on record once for the act, the network and the day, so that nobody
    /// fills the log; what cannot be recorded now is recorded with the next refusal.
    pub(super) async fn refusal_on_record<T>(
        &self,
        act: &str,
        taken: Result<T, CommandError>,
        caller: &Caller,
    ) -> Result<T, CommandError> {
        if matches!(&taken, Err(CommandError::Throttled { .. })) {
            let day = self.executor.now().date_naive();
            let what = (act.to_owned(), caller.client_prefix(), day);
            if self.refusals.0.contains_key(&what) {
                return taken;
            }
            self.refusals.0.insert(what.clone(), ());
            let signals = [BotSignal::Velocity].into();
            if let Err(error) = self.record_suspicion(act, signals, BotOutcome::Blocked, caller).await {
                tracing::warn!(%error, act, "a refusal of a throttle is not on record yet");
                self.refusals.0.invalidate(&what);
            }
        }
        taken
    }
}
