//! Staff correct another's ledger (WAL-01).

use crate::{
    AccountError, Caller, CommandError, Done, Ledgers, Unit,
    account::staff::{acting_staff, on_person},
};
use domain::{
    EntryId, UserId,
    ledger::{Adjust, Ledger},
    values::{AdjustmentReason, SignedAmount},
};

impl Ledgers {
    /// Adds to an account of somebody's ledger, or takes what is there. Each call is an entry of its own; a request is
    /// made once by its idempotency key.
    ///
    /// # Errors
    /// [`LedgerError`](domain::ledger::LedgerError): `InsufficientFunds`, `InsufficientCredits`, `AccountFull`;
    /// [`AccountError::StaffOnly`], [`AccountError::OwnLedger`];
    /// [`UserError`](domain::user::UserError): `OwnerOnly` for an admin about staff, `NotRegistered`.
    pub async fn adjust(
        &self,
        user: UserId,
        amount: SignedAmount,
        reason: AdjustmentReason,
        caller: &Caller,
    ) -> Result<Done<Ledger>, CommandError> {
        let (by, at) = (acting_staff(&self.executor, caller).await?, self.now());
        if by.user == user {
            return Err(CommandError::rejected(AccountError::OwnLedger));
        }
        let entry = EntryId::mint(at, self.executor.mint().id_bytes());
        let unit = Self::with(Unit::new(), user, Adjust { user, entry, amount, reason, at });
        let unit = on_person(&self.executor, unit, user, (by, at)).await?;
        self.executor.run_one(unit, caller).await
    }
}
