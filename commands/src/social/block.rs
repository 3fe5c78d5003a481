//! The caller blocks another, or takes that back (SOC-05).

use super::{ATTEMPTS, Social, has_changed, me, own_side, present};
use crate::{Caller, CommandError, Done};
use domain::{
    UserId,
    follow::{Block, Follow, Unblock},
    user::User,
    values::BlockReason,
};

impl Social {
    /// Blocks: ends what is between the two, and prevents new follows both ways. The other is not told.
    ///
    /// # Errors
    /// [`FollowError`](domain::follow::FollowError): `SelfBlock`, `StaffNotBlockable`, and `PersonNotFound` also for
    /// somebody who has blocked the caller; [`CommandError::Forbidden`] without a verified session.
    pub async fn block(
        &self,
        blocked: UserId,
        reason: Option<BlockReason>,
        caller: &Caller,
    ) -> Result<Done<Follow>, CommandError> {
        let blocker = me(caller)?;
        let mut attempt = 1;
        loop {
            let role = self.executor.store().load_fresh::<User>(blocked).await?.state.role;
            let at = self.executor.now();
            let block = Block { blocker, blocked, role, reason: reason.clone(), at };
            let unit = present(own_side((blocker, blocked), block), blocked, Some(role));
            match self.executor.run_one(unit, caller).await {
                Err(error) if has_changed(&error) && attempt < ATTEMPTS => attempt += 1,
                done => return done,
            }
        }
    }

    /// Takes a block back; what it ended stays ended. Repeated, it changes nothing.
    ///
    /// # Errors
    /// [`CommandError::Forbidden`] without a verified session.
    pub async fn unblock(&self, blocked: UserId, caller: &Caller) -> Result<Done<Follow>, CommandError> {
        let blocker = me(caller)?;
        let unblock = Unblock { blocker, blocked, at: self.executor.now() };
        self.run((blocker, blocked), unblock, caller).await
    }
}
