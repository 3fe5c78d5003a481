//! The caller mutes another, or takes that back.

use super::{Social, me, own_side, present};
use crate::{Caller, CommandError, Done};
use domain::{
    UserId,
    follow::{Follow, Mute, Unmute},
};

impl Social {
    /// Mutes; follows stay as they are, and the other is not told.
    ///
    /// # Errors
    /// [`FollowError`](domain::follow::FollowError): `SelfMute`, and `PersonNotFound` also for somebody who has
    /// blocked the caller; [`CommandError::Forbidden`] without a verified session.
    pub async fn mute(&self, muted: UserId, caller: &Caller) -> Result<Done<Follow>, CommandError> {
        let muter = me(caller)?;
        let mute = Mute { muter, muted, at: self.executor.now() };
        let unit = present(own_side((muter, muted), mute), muted, None);
        self.executor.run_one(unit, caller).await
    }

    /// Takes a mute back. Repeated, it changes nothing.
    ///
    /// # Errors
    /// [`CommandError::Forbidden`] without a verified session.
    pub async fn unmute(&self, muted: UserId, caller: &Caller) -> Result<Done<Follow>, CommandError> {
        let muter = me(caller)?;
        let unmute = Unmute { muter, muted, at: self.executor.now() };
        self.run((muter, muted), unmute, caller).await
    }
}
