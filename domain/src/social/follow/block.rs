//! A person blocks another, for safety (SOC-05).

use super::{Follow, FollowError, FollowEvent, UnfollowCause, UserBlocked, UserUnblocked, end::end};
use crate::{
    aggregate::Decide,
    ids::{Subject, UserId},
    personal::Personal,
    values::{BlockReason, Role},
};
use chrono::{DateTime, Utc};

/// Ends what there is between the two, and prevents new follows both ways. A block that stands keeps its reason.
///
/// Whoever is blocked can not block back: to them there is nobody, and a success would tell that there is.
#[derive(Clone, Debug)]
pub struct Block {
    pub blocker: UserId,
    pub blocked: UserId,
    /// Of the person to be blocked.
    pub role: Role,
    pub reason: Option<BlockReason>,
    pub at: DateTime<Utc>,
}

impl Block {
    fn blocked(&self) -> FollowEvent {
        let subject = Subject::of(self.blocker);
        let reason = self.reason.as_ref().map(|text| Personal::new(subject, text.as_str().to_owned()));
        UserBlocked { blocker: self.blocker, blocked: self.blocked, reason, blocked_at: self.at }.into()
    }
}

impl Decide<Follow> for Block {
    fn decide(&self, pair: &Follow) -> Result<Vec<FollowEvent>, FollowError> {
        if self.blocker == self.blocked {
            return Err(FollowError::SelfBlock);
        }
        if pair.blocks(self.blocker) {
            return Ok(Vec::new());
        }
        if pair.blocks(self.blocked) {
            return Err(FollowError::PersonNotFound);
        }
        if self.role.is_staff() {
            return Err(FollowError::StaffNotBlockable);
        }
        let both = [(self.blocker, self.blocked), (self.blocked, self.blocker)];
        let ends = both.into_iter().filter_map(|way| end(pair, way, UnfollowCause::Blocked, self.at));
        Ok(std::iter::once(self.blocked()).chain(ends).collect())
    }
}

/// Takes a block back; what it ended stays ended.
#[derive(Clone, Debug)]
pub struct Unblock {
    pub blocker: UserId,
    pub blocked: UserId,
    pub at: DateTime<Utc>,
}

impl Decide<Follow> for Unblock {
    fn decide(&self, pair: &Follow) -> Result<Vec<FollowEvent>, FollowError> {
        let Self { blocker, blocked, at: unblocked_at } = *self;
        if !pair.blocks(blocker) {
            return Ok(Vec::new());
        }
        Ok(vec![UserUnblocked { blocker, blocked, unblocked_at }.into()])
    }
}

#[cfg(test)]
mod tests {
    use super::{super::fixtures::*, *};
    use crate::fixtures::*;
    use cqrs_es::test::TestFramework;

    fn block() -> Block {
        Block { blocker: jane(), blocked: john(), role: Role::Normal, reason: None, at: at(7) }
    }

    fn unblock() -> Unblock {
        Unblock { blocker: jane(), blocked: john(), at: at(8) }
    }

    #[test]
    fn block_ends_follows_and_requests_both_ways() {
        let history = [followed(jane(), john()), vec![asked(john(), jane(), 2)]].concat();

        TestFramework::<Follow>::with(()).given(history).when(block().into()).then_expect_events(vec![
            blocked(jane(), john()),
            ended(jane(), john(), UnfollowCause::Blocked),
            ended(john(), jane(), UnfollowCause::Blocked),
        ]);
    }

    #[test]
    fn reason_is_the_blockers_own() {
        let reason = Some(BlockReason::parse("he shouts").unwrap());
        let stated = UserBlocked {
            blocker: jane(),
            blocked: john(),
            reason: Some(janes("he shouts")),
            blocked_at: at(7),
        };

        TestFramework::<Follow>::with(())
            .given(vec![])
            .when(Block { reason, ..block() }.into())
            .then_expect_events(vec![stated.into()]);
    }

    #[test]
    fn block_that_stands_is_not_made_again() {
        TestFramework::<Follow>::with(())
            .given(vec![blocked(jane(), john())])
            .when(block().into())
            .then_expect_events(vec![]);
    }

    #[test]
    fn unblocking_restores_nothing_and_happens_once() {
        let history = [
            followed(jane(), john()),
            vec![blocked(jane(), john()), ended(jane(), john(), UnfollowCause::Blocked)],
        ]
        .concat();
        let unblocked = || UserUnblocked { blocker: jane(), blocked: john(), unblocked_at: at(8) };

        TestFramework::<Follow>::with(())
            .given(history.clone())
            .when(unblock().into())
            .then_expect_events(vec![unblocked().into()]);
        let pair = state([history, vec![unblocked().into()]].concat());
        assert_eq!(unblock().decide(&pair), Ok(vec![]));
        assert_eq!(pair.status(jane()), None);
    }

    #[test]
    fn neither_oneself_nor_staff_is_blocked() {
        for (command, error) in [
            (Block { blocked: jane(), ..block() }, FollowError::SelfBlock),
            (Block { role: Role::Admin, ..block() }, FollowError::StaffNotBlockable),
            (Block { role: Role::Owner, ..block() }, FollowError::StaffNotBlockable),
        ] {
            TestFramework::<Follow>::with(()).given(vec![]).when(command.into()).then_expect_error(error);
        }
    }

    #[test]
    fn who_is_blocked_finds_nobody_to_block_even_staff() {
        TestFramework::<Follow>::with(())
            .given(vec![blocked(john(), jane())])
            .when(Block { role: Role::Admin, ..block() }.into())
            .then_expect_error(FollowError::PersonNotFound);
    }

    #[test]
    fn who_blocked_first_may_unblock_though_blocked_by_the_other() {
        TestFramework::<Follow>::with(())
            .given(vec![blocked(jane(), john()), blocked(john(), jane())])
            .when(unblock().into())
            .then_expect_events(vec![
                UserUnblocked { blocker: jane(), blocked: john(), unblocked_at: at(8) }.into(),
            ]);
    }
}
