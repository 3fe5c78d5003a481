//! A badge that was taken away may be earned again.

use super::{Award, AwardError, AwardEvent, AwardStatus, RevocationLifted};
use crate::{aggregate::Decide, ids::UserId};
use chrono::{DateTime, Utc};

/// Lifts a revocation; where there is none, nothing changes. It gives nothing: see [`super::AwardBadge`].
#[derive(Clone, Debug)]
pub struct LiftRevocation {
    /// A member of staff.
    pub by: UserId,
    pub at: DateTime<Utc>,
}

impl Decide<Award> for LiftRevocation {
    fn decide(&self, award: &Award) -> Result<Vec<AwardEvent>, AwardError> {
        match award.given()? {
            AwardStatus::Held | AwardStatus::Lifted => Ok(Vec::new()),
            AwardStatus::Revoked => {
                let Award { user, badge, .. } = *award;
                Ok(vec![RevocationLifted { user, badge, by: self.by, lifted_at: self.at }.into()])
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{super::award_badge::tests::*, *};
    use crate::fixtures::*;
    use cqrs_es::test::TestFramework;

    #[test]
    fn nothing_is_lifted_where_nothing_was_revoked() {
        let lift = || LiftRevocation { by: john(), at: at(9) }.into();

        TestFramework::<Award>::with(()).given(vec![awarded(1)]).when(lift()).then_expect_events(vec![]);
        TestFramework::<Award>::with(())
            .given_no_previous_events()
            .when(lift())
            .then_expect_error(AwardError::NotAwarded);
    }
}
