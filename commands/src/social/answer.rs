//! Requests to follow are answered: by the followed person, or by a profile that takes anyone by now.

use super::{Social, follow::stands, has_changed, me};
use crate::{Caller, CommandError, Done, Principal, Unit, Warrant};
use domain::{
    PairId, UserId,
    follow::{AcceptCause, AcceptFollow, Follow, FollowError, RejectFollow},
    values::FollowPolicy,
};

/// What became of a request that a profile's policy was to answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PolicyAnswer {
    /// The follow counts, now or already.
    Accepted,
    /// The request was taken back, answered or ended in the meantime.
    Gone,
    /// The profile does not take anyone any more.
    Closed,
}

impl Social {
    /// Takes a follower whose request waits (SOC-04). One who is a follower already stays one.
    ///
    /// # Errors
    /// [`FollowError::NotPending`]; [`CommandError::Forbidden`] without a verified session.
    pub async fn accept_follow(
        &self,
        follower: UserId,
        caller: &Caller,
    ) -> Result<Done<Follow>, CommandError> {
        let (followed, cause) = (me(caller)?, AcceptCause::Approved);
        let accept = AcceptFollow { follower, followed, cause, at: self.executor.now() };
        self.run((followed, follower), accept, caller).await
    }

    /// Turns a request down (SOC-04). A repeat changes nothing.
    ///
    /// # Errors
    /// [`FollowError::NotPending`]; [`CommandError::Forbidden`] without a verified session.
    pub async fn reject_follow(
        &self,
        follower: UserId,
        caller: &Caller,
    ) -> Result<Done<Follow>, CommandError> {
        let followed = me(caller)?;
        let reject = RejectFollow { follower, followed, at: self.executor.now() };
        self.run((followed, follower), reject, caller).await
    }

    /// Accepts a request that waits although the profile takes anyone by now. For the program itself.
    ///
    /// # Errors
    /// [`CommandError::Forbidden`] for anybody but [`Principal::System`].
    pub async fn accept_by_policy(
        &self,
        follower: UserId,
        followed: UserId,
        caller: &Caller,
    ) -> Result<PolicyAnswer, CommandError> {
        if !matches!(caller.principal, Principal::System(_)) {
            return Err(CommandError::Forbidden);
        }
        let (cause, at) = (AcceptCause::Policy, self.executor.now());
        let accept = AcceptFollow { follower, followed, cause, at };
        let unit =
            Unit::new().warranted(Warrant::Policy).on::<Follow>(PairId::of(follower, followed), accept);
        match self.executor.run_one::<Follow>(stands(unit, followed, FollowPolicy::Anyone), caller).await {
            Ok(_) => Ok(PolicyAnswer::Accepted),
            Err(error) if has_changed(&error) => Ok(PolicyAnswer::Closed),
            Err(error) if error.reason() == Some(&FollowError::NotPending) => Ok(PolicyAnswer::Gone),
            Err(error) => Err(error),
        }
    }
}
