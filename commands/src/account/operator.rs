//! An operator makes an account at the command line, the first owner included.

use super::{Accounts, Registration};
use crate::{Caller, CommandError, Receipt};
use domain::{
    UserId,
    user::{User, VouchForContact},
    values::Role,
};

/// An account made and vouched for by an operator.
#[derive(Debug)]
pub struct OperatedAccount {
    pub user: UserId,
    /// Of the user's stream.
    pub receipt: Receipt,
}

impl Accounts {
    /// Makes a verified account of any role. The caller must be [`Principal::System`](crate::Principal::System).
    ///
    /// # Errors
    /// [`PasswordError`](crate::passwords::PasswordError); [`CommandError::Duplicate`] for a taken username or
    /// address; [`CommandError::Forbidden`] for anybody else.
    pub async fn create_account_by_operator(
        &self,
        form: Registration,
        role: Role,
        caller: &Caller,
    ) -> Result<OperatedAccount, CommandError> {
        let hash = self.checked_hash(&form.username, &form.email, form.password.clone()).await?;
        let at = self.executor.now();
        let user = UserId::mint(at, self.executor.mint().id_bytes());
        let unit = self.opening(user, &form, role, hash, at).on::<User>(user, VouchForContact { at });
        let done = self.executor.run_one::<User>(unit, caller).await?;
        Ok(OperatedAccount { user: UserId::from_uuid(done.receipt.id), receipt: done.receipt })
    }
}
