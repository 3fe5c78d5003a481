//! Entries of ledgers, made once for ever (C-19, C-28).
//!
//! A use case that does more in the same append puts its entry into its own [`Unit`] with [`Ledgers::with`] and runs
//! it with [`Ledgers::run`]: the generation with its hold, the award with its points.

use crate::{Caller, CommandError, Done, Executor, Refusal, Unit};
use chrono::{DateTime, Utc};
use domain::{
    ClaimKind, HoldId, UserId,
    ledger::{
        Capture, Entry, EntryDigest, Grant, Ledger, LedgerCommand, LedgerError, Refund, Reserve, RevokeGrant,
        Spend, entry_claim,
    },
    user::{User, UserError},
    values::Amount,
};

/// The ledgers of all people. Cheap to clone.
#[derive(Clone)]
pub struct Ledgers {
    pub(super) executor: Executor,
}

impl Ledgers {
    pub const fn new(executor: Executor) -> Self {
        Self { executor }
    }

    /// What the commands are given as their time.
    pub fn now(&self) -> DateTime<Utc> {
        self.executor.now()
    }

    /// Grants an amount. Repeated, it changes nothing.
    ///
    /// # Errors
    /// [`LedgerError::AccountFull`]; [`LedgerError::EntryReused`] where the entry says something else;
    /// [`UserError::NotRegistered`]; [`CommandError::Forbidden`].
    pub async fn grant(&self, grant: Grant, caller: &Caller) -> Result<Done<Ledger>, CommandError> {
        let (user, entry) = (grant.user, grant.entry());
        self.run(Self::with(Unit::new(), user, grant), (user, entry), caller).await
    }

    /// Takes a grant back; what is spent by now is owed. Repeated, it changes nothing.
    ///
    /// # Errors
    /// [`LedgerError::RevocationTooLarge`]; else as [`Self::grant`].
    pub async fn revoke_grant(
        &self,
        revocation: RevokeGrant,
        caller: &Caller,
    ) -> Result<Done<Ledger>, CommandError> {
        let (user, entry) = (revocation.user, revocation.entry());
        self.run(Self::with(Unit::new(), user, revocation), (user, entry), caller).await
    }

    /// Sets an amount aside. Repeated, it changes nothing, whatever became of the hold.
    ///
    /// # Errors
    /// [`LedgerError::InsufficientFunds`], [`LedgerError::InsufficientCredits`], [`LedgerError::TooManyHolds`]; else as
    /// [`Self::grant`].
    pub async fn reserve(&self, reserve: Reserve, caller: &Caller) -> Result<Done<Ledger>, CommandError> {
        let (user, entry) = (reserve.user, reserve.entry());
        self.run(Self::with(Unit::new(), user, reserve), (user, entry), caller).await
    }

    /// Pays an amount at once. Repeated, it changes nothing.
    ///
    /// # Errors
    /// [`LedgerError::InsufficientFunds`], [`LedgerError::InsufficientCredits`]; else as [`Self::grant`].
    pub async fn spend(&self, spend: Spend, caller: &Caller) -> Result<Done<Ledger>, CommandError> {
        let (user, entry) = (spend.user, spend.entry());
        self.run(Self::with(Unit::new(), user, spend), (user, entry), caller).await
    }

    /// Spends what is held, or a part of it. Repeated, it changes nothing. For the program itself.
    ///
    /// # Errors
    /// [`LedgerError::HoldNotFound`], [`LedgerError::HoldClosed`], [`LedgerError::CaptureTooLarge`];
    /// [`CommandError::Forbidden`].
    pub async fn capture(
        &self,
        (user, hold): (UserId, HoldId),
        amount: Option<Amount>,
        caller: &Caller,
    ) -> Result<Done<Ledger>, CommandError> {
        self.executor.run(user, Capture { user, hold, amount, at: self.now() }, caller).await
    }

    /// Gives back what is held, or what was captured of it. Repeated, it changes nothing. For the program itself.
    ///
    /// # Errors
    /// [`LedgerError::HoldNotFound`]; [`CommandError::Forbidden`].
    pub async fn refund(
        &self,
        (user, hold): (UserId, HoldId),
        caller: &Caller,
    ) -> Result<Done<Ledger>, CommandError> {
        self.executor.run(user, Refund { user, hold, at: self.now() }, caller).await
    }

    /// Adds an entry to a unit. The person must be there when it is appended.
    #[must_use]
    pub fn with(unit: Unit, user: UserId, command: impl Into<LedgerCommand>) -> Unit {
        unit.on::<Ledger>(user, command).reads::<User>(user, |account| {
            if account.is_registered() { Ok(()) } else { Err(Refusal::new(UserError::NotRegistered)) }
        })
    }

    /// Runs a unit that makes this entry, and tells about the ledger. If the entry was made before, however long ago,
    /// then so was all of the unit, and nothing happens now.
    ///
    /// # Errors
    /// [`LedgerError::EntryReused`] where the entry says something else; else those of the unit.
    pub async fn run(
        &self,
        unit: Unit,
        (user, entry): (UserId, Entry),
        caller: &Caller,
    ) -> Result<Done<Ledger>, CommandError> {
        let refusal = match self.executor.run_one::<Ledger>(unit, caller).await {
            Err(refusal) if may_be_a_repeat(&refusal) => refusal,
            settled => return settled,
        };
        // The state remembers the newest entries; the claim knows all.
        let value = entry_claim(user, entry.id);
        match self.executor.store().claim_owner(ClaimKind::LedgerEntry, &value).await? {
            Some(made) if EntryDigest::of_claim(made) == entry.digest => self.executor.unchanged(user).await,
            Some(_) => Err(CommandError::rejected(LedgerError::EntryReused)),
            None => Err(refusal),
        }
    }
}

/// What an entry that was made long ago is refused by, before or in the append.
fn may_be_a_repeat(error: &CommandError) -> bool {
    matches!(error, CommandError::Duplicate(ClaimKind::LedgerEntry))
        || error.reason::<LedgerError>().is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every use case is awaited in tasks that move between threads; this need not run, only compile.
    #[expect(dead_code, reason = "a check of types")]
    fn use_cases_may_move_between_threads(ledgers: &Ledgers, user: UserId, hold: HoldId, caller: &Caller) {
        fn may_move(_: impl Send) {}
        may_move(ledgers.capture((user, hold), None, caller));
        may_move(ledgers.refund((user, hold), caller));
    }

    #[test]
    fn only_what_the_ledger_refuses_may_be_a_repeat() {
        assert!(may_be_a_repeat(&CommandError::Duplicate(ClaimKind::LedgerEntry)));
        assert!(may_be_a_repeat(&CommandError::rejected(LedgerError::AccountFull)));
        assert!(!may_be_a_repeat(&CommandError::rejected(UserError::NotRegistered)));
        assert!(!may_be_a_repeat(&CommandError::Duplicate(ClaimKind::Email)));
    }
}
