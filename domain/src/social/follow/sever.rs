//! One of the two is erased: nothing is left between them.

use super::{Follow, FollowError, FollowEvent, UnfollowCause, UserUnblocked, UserUnmuted, end::end};
use crate::{aggregate::Decide, ids::UserId};
use chrono::{DateTime, Utc};

/// Ends follows, blocks and mutes both ways. What is over stays over.
#[derive(Clone, Debug)]
pub struct SeverPair {
    pub erased: UserId,
    pub other: UserId,
    pub at: DateTime<Utc>,
}

impl Decide<Follow> for SeverPair {
    fn decide(&self, pair: &Follow) -> Result<Vec<FollowEvent>, FollowError> {
        let ways = [(self.erased, self.other), (self.other, self.erased)];
        Ok(ways.into_iter().flat_map(|way| self.one_way(pair, way)).collect())
    }
}

impl SeverPair {
    fn one_way(&self, pair: &Follow, (from, to): (UserId, UserId)) -> impl Iterator<Item = FollowEvent> {
        let at = self.at;
        let unblocked = UserUnblocked { blocker: from, blocked: to, unblocked_at: at };
        let unmuted = UserUnmuted { muter: from, muted: to, unmuted_at: at };
        end(pair, (from, to), UnfollowCause::Erased, at)
            .into_iter()
            .chain(pair.blocks(from).then(|| unblocked.into()))
            .chain(pair.mutes(from).then(|| unmuted.into()))
    }
}

#[cfg(test)]
mod tests {
    use super::{super::fixtures::*, *};
    use crate::fixtures::*;
    use cqrs_es::test::TestFramework;

    fn sever() -> SeverPair {
        SeverPair { erased: jane(), other: john(), at: at(7) }
    }

    #[test]
    fn everything_between_the_two_ends_both_ways() {
        let history = [followed(jane(), john()), vec![asked(john(), jane(), 2)]].concat();
        TestFramework::<Follow>::with(()).given(history).when(sever().into()).then_expect_events(vec![
            ended(jane(), john(), UnfollowCause::Erased),
            ended(john(), jane(), UnfollowCause::Erased),
        ]);

        TestFramework::<Follow>::with(())
            .given(vec![blocked(john(), jane())])
            .when(sever().into())
            .then_expect_events(vec![
                UserUnblocked { blocker: john(), blocked: jane(), unblocked_at: at(7) }.into(),
            ]);
    }

    #[test]
    fn strangers_have_nothing_to_end_and_it_ends_once() {
        TestFramework::<Follow>::with(()).given(vec![]).when(sever().into()).then_expect_events(vec![]);
        TestFramework::<Follow>::with(())
            .given([followed(jane(), john()), vec![ended(jane(), john(), UnfollowCause::Erased)]].concat())
            .when(sever().into())
            .then_expect_events(vec![]);
    }
}
