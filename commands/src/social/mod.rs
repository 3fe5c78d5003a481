//! Use cases between two people: follows, blocks, mutes (SOC-01 to SOC-05).
//!
//! The caller acts only for their own side, in a verified session (C-03).
//! A decision depends on the other person's account or profile, and the append checks that version again: a follow
//! cannot cross a profile that becomes private at the same time.

mod answer;
mod block;
mod follow;
mod mute;

pub use answer::PolicyAnswer;

use crate::{Caller, CommandError, Done, Executor, Refusal, Unit, Warrant};
use domain::{
    PairId, UserId,
    follow::{Follow, FollowCommand, FollowError, SeverPair},
    user::User,
    values::Role,
};

/// How often a decision is made again after the person that it stood on changed.
const ATTEMPTS: u32 = 8;

/// The social use cases. Cheap to clone.
#[derive(Clone)]
pub struct Social {
    executor: Executor,
}

impl Social {
    pub const fn new(executor: Executor) -> Self {
        Self { executor }
    }

    /// Ends whatever there is between an erased person and another. For the program itself; harmless when repeated.
    ///
    /// # Errors
    /// [`CommandError::Forbidden`] for anybody but [`Principal::System`](crate::Principal::System).
    pub async fn sever(
        &self,
        erased: UserId,
        other: UserId,
        caller: &Caller,
    ) -> Result<Done<Follow>, CommandError> {
        let command = SeverPair { erased, other, at: self.executor.now() };
        self.executor.run(PairId::of(erased, other), command, caller).await
    }

    /// A command of the caller's side of a pair, and nothing else to stand on.
    async fn run(
        &self,
        (me, other): (UserId, UserId),
        command: impl Into<FollowCommand>,
        caller: &Caller,
    ) -> Result<Done<Follow>, CommandError> {
        self.executor.run_one(own_side((me, other), command), caller).await
    }
}

fn own_side((me, other): (UserId, UserId), command: impl Into<FollowCommand>) -> Unit {
    Unit::new().warranted(Warrant::OwnSide).on::<Follow>(PairId::of(me, other), command)
}

/// The signed-in user, or the one whose key acts.
fn me(caller: &Caller) -> Result<UserId, CommandError> {
    caller.person().ok_or(CommandError::Forbidden)
}

/// The person must be there when the command is appended, with this role if one matters.
fn present(unit: Unit, user: UserId, role: Option<Role>) -> Unit {
    unit.reads::<User>(user, move |account| {
        if !account.is_present() {
            return Err(Refusal::new(FollowError::PersonNotFound));
        }
        match role {
            Some(role) if role != account.role => Err(Refusal::new(FollowError::PersonChanged)),
            Some(_) | None => Ok(()),
        }
    })
}

fn has_changed(error: &CommandError) -> bool {
    error.reason() == Some(&FollowError::PersonChanged)
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::values::BlockReason;

    /// Every use case is awaited in handlers that move between threads; this need not run, only compile.
    #[expect(dead_code, reason = "a check of types")]
    fn use_cases_may_move_between_threads(social: &Social, user: UserId, caller: &Caller) {
        fn may_move(_: impl Send) {}
        let reason = BlockReason::parse("x").ok();
        may_move(social.follow(user, caller));
        may_move(social.accept_follow(user, caller));
        may_move(social.accept_by_policy(user, user, caller));
        may_move(social.block(user, reason, caller));
        may_move(social.mute(user, caller));
    }
}
