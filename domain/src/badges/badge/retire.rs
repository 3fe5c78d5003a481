//! A badge is over.

use super::{Badge, BadgeError, BadgeEvent, BadgeRetired, BadgeStatus};
use crate::aggregate::Decide;
use chrono::{DateTime, Utc};

/// Ends it: nobody earns it any more, and whoever has it keeps it. A draft is over too; a retired one stays as it is.
#[derive(Clone, Debug)]
pub struct RetireBadge {
    pub at: DateTime<Utc>,
}

impl Decide<Badge> for RetireBadge {
    fn decide(&self, badge: &Badge) -> Result<Vec<BadgeEvent>, BadgeError> {
        Ok(retired(badge.defined()?, self.at).into_iter().collect())
    }
}

pub(super) fn retired(status: BadgeStatus, at: DateTime<Utc>) -> Option<BadgeEvent> {
    match status {
        BadgeStatus::Retired => None,
        BadgeStatus::Draft | BadgeStatus::Active => Some(BadgeRetired { retired_at: at }.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::{super::define::tests::*, *};
    use crate::{
        badge::{ActivateBadge, BadgeActivated},
        fixtures::*,
    };
    use cqrs_es::test::TestFramework;

    #[test]
    fn badge_is_retired_once_and_can_come_back() {
        let retired = || BadgeEvent::from(BadgeRetired { retired_at: at(9) });
        for active in [false, true] {
            let given = vec![defined(&first_post(), active)];
            let command = RetireBadge { at: at(9) }.into();
            TestFramework::<Badge>::with(()).given(given).when(command).then_expect_events(vec![retired()]);
        }
        let given = || vec![defined(&first_post(), true), retired()];
        TestFramework::<Badge>::with(())
            .given(given())
            .when(RetireBadge { at: at(10) }.into())
            .then_expect_events(vec![]);
        TestFramework::<Badge>::with(())
            .given(given())
            .when(ActivateBadge { at: at(10) }.into())
            .then_expect_events(vec![BadgeActivated { activated_at: at(10) }.into()]);
    }
}
