//! A badge is taken away.

use super::{Award, AwardError, AwardEvent, AwardStatus, BadgeRevoked};
use crate::{
    aggregate::Decide,
    ids::{Subject, UserId},
    personal::Personal,
    values::RevocationReason,
};
use chrono::{DateTime, Utc};

/// Takes the badge away until staff give it back; what was taken away stays as it is.
#[derive(Clone, Debug)]
pub struct RevokeBadge {
    /// A member of staff.
    pub by: UserId,
    pub reason: RevocationReason,
    pub at: DateTime<Utc>,
}

impl Decide<Award> for RevokeBadge {
    fn decide(&self, award: &Award) -> Result<Vec<AwardEvent>, AwardError> {
        match award.given()? {
            AwardStatus::Held => {}
            AwardStatus::Revoked => return Ok(Vec::new()),
            AwardStatus::Lifted => return Err(AwardError::NotAwarded),
        }
        let Award { user, badge, ordinal, points, .. } = *award;
        let reason = Personal::new(Subject::of(user), self.reason.as_str().to_owned());
        Ok(vec![
            BadgeRevoked { user, badge, ordinal, points, by: self.by, reason, revoked_at: self.at }.into(),
        ])
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::{super::award_badge::tests::*, *};
    use crate::{award::RevocationLifted, fixtures::*};
    use cqrs_es::test::TestFramework;

    fn revoke() -> RevokeBadge {
        RevokeBadge { by: john(), reason: RevocationReason::parse("Farmed").unwrap(), at: at(6) }
    }

    pub fn revoked(ordinal: u32) -> AwardEvent {
        let (user, badge, reason) = (jane(), badge(), janes("Farmed"));
        BadgeRevoked { user, badge, ordinal, points: 25, by: john(), reason, revoked_at: at(6) }.into()
    }

    #[test]
    fn badge_is_taken_away_once() {
        TestFramework::<Award>::with(())
            .given(vec![awarded(3)])
            .when(revoke().into())
            .then_expect_events(vec![revoked(3)]);
        TestFramework::<Award>::with(())
            .given(vec![awarded(3), revoked(3)])
            .when(revoke().into())
            .then_expect_events(vec![]);
    }

    #[test]
    fn what_nobody_has_cannot_be_taken_away() {
        let lifted = RevocationLifted { user: jane(), badge: badge(), by: john(), lifted_at: at(7) };
        for given in [vec![], vec![awarded(1), revoked(1), lifted.into()]] {
            TestFramework::<Award>::with(())
                .given(given)
                .when(revoke().into())
                .then_expect_error(AwardError::NotAwarded);
        }
    }
}
