//! Use cases of badges: definitions and awards (BDG-01, BDG-02, BDG-14, C-40).
//!
//! The append checks the acting staff account, the badge definition and the person again: nobody can give a badge that
//! was just retired.

mod award;
mod define;
mod feature;
mod find;
mod install;

pub use award::NewAward;
pub use install::Installed;

use crate::{CommandError, Executor};
use domain::{
    AwardId,
    award::{Award, AwardError},
    user::ActingStaff,
};

/// How often an award is decided again after the badge that it stood on changed.
const ATTEMPTS: u32 = 8;

/// The use cases of badges. Cheap to clone.
#[derive(Clone)]
pub struct Badges {
    executor: Executor,
}

impl Badges {
    pub const fn new(executor: Executor) -> Self {
        Self { executor }
    }

    /// Staff have no say in what they have themselves. Whose an award is never changes.
    async fn of_another(&self, award: AwardId, by: ActingStaff) -> Result<(), CommandError> {
        let state = self.executor.store().load::<Award>(award).await?.state;
        if state.status.is_some() && state.user == by.user {
            return Err(CommandError::rejected(AwardError::OwnAward));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Caller;
    use domain::{
        BadgeId,
        badge::{BadgePatch, NewBadge},
        values::RevocationReason,
    };

    /// Every use case is awaited in handlers that move between threads; this need not run, only compile.
    #[expect(dead_code, reason = "a check of types")]
    fn use_cases_may_move_between_threads(badges: &Badges, new: NewBadge, gift: NewAward, caller: &Caller) {
        fn may_move(_: impl Send) {}
        let (badge, award) = (BadgeId::default(), AwardId::default());
        may_move(badges.find("first_post"));
        may_move(badges.install_catalogue());
        may_move(badges.define(new, true, caller));
        may_move(badges.revise(badge, BadgePatch::default(), None, None, caller));
        may_move(badges.award(gift, caller));
        may_move(badges.feature(award, true, caller));
        if let Ok(reason) = RevocationReason::parse("x") {
            may_move(badges.revoke(award, reason, caller));
        }
    }
}
