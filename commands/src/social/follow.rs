//! The caller follows another, or ends a follow.

use super::{ATTEMPTS, Social, has_changed, me, own_side, present};
use crate::{Caller, CommandError, Done, Refusal, Unit};
use domain::{
    UserId,
    follow::{Follow, FollowError, RemoveFollower, RequestFollow, Unfollow},
    profile::Profile,
    user::User,
    values::FollowPolicy,
};

impl Social {
    /// Follows, or asks for it, as the other's profile wants it (SOC-01, SOC-04). Repeated, it changes nothing.
    ///
    /// # Errors
    /// [`FollowError::SelfFollow`], [`FollowError::PersonNotFound`] (also of somebody who is suspended),
    /// [`FollowError::BlockedByYou`],
    /// [`FollowError::FollowsDeclined`]; [`FollowError::PersonChanged`] if the profile keeps changing;
    /// [`CommandError::Forbidden`] without a verified session.
    pub async fn follow(&self, followed: UserId, caller: &Caller) -> Result<Done<Follow>, CommandError> {
        let follower = me(caller)?;
        let mut attempt = 1;
        loop {
            let profile = self.executor.store().load_fresh::<Profile>(followed).await?.state;
            let policy = profile.follow_policy();
            let at = self.executor.now();
            let request = RequestFollow { follower, followed, policy, at };
            let unit =
                present(stands(own_side((follower, followed), request), followed, policy), followed, None);
            let unit = unit.reads::<User>(followed, move |account| match account.suspended(at) {
                Some(_) => Err(Refusal::new(FollowError::PersonNotFound)),
                None => Ok(()),
            });
            match self.executor.run_one(unit, caller).await {
                Err(error) if has_changed(&error) && attempt < ATTEMPTS => attempt += 1,
                done => return done,
            }
        }
    }

    /// Ends the caller's follow of another, or takes the request back (SOC-03). What is over stays over.
    ///
    /// # Errors
    /// [`CommandError::Forbidden`] without a verified session.
    pub async fn unfollow(&self, followed: UserId, caller: &Caller) -> Result<Done<Follow>, CommandError> {
        let follower = me(caller)?;
        let unfollow = Unfollow { follower, followed, at: self.executor.now() };
        self.run((follower, followed), unfollow, caller).await
    }

    /// Ends another's follow of the caller, or drops the request. What is over stays over.
    ///
    /// # Errors
    /// [`CommandError::Forbidden`] without a verified session.
    pub async fn remove_follower(
        &self,
        follower: UserId,
        caller: &Caller,
    ) -> Result<Done<Follow>, CommandError> {
        let followed = me(caller)?;
        let remove = RemoveFollower { follower, followed, at: self.executor.now() };
        self.run((followed, follower), remove, caller).await
    }
}

/// The profile must be there with this policy when the command is appended.
pub(super) fn stands(unit: Unit, user: UserId, policy: FollowPolicy) -> Unit {
    unit.reads::<Profile>(user, move |profile| {
        if profile.created_at.is_none() {
            return Err(Refusal::new(FollowError::PersonNotFound));
        }
        if profile.follow_policy() == policy { Ok(()) } else { Err(Refusal::new(FollowError::PersonChanged)) }
    })
}
