//! A definition is changed.

use super::{
    Badge, BadgeError, BadgeEvent, BadgePatch, BadgeRevised, BadgeStatus, activate, fields::nobody, retire,
};
use crate::aggregate::Decide;
use chrono::{DateTime, Utc};

/// Changes a definition and, in the same command, whether it can be earned. What differs in nothing gives no event.
/// The slug stays what it was; each change of the criterion gives it the next version.
#[derive(Clone, Debug, Default)]
pub struct ReviseBadge {
    pub patch: BadgePatch,
    /// `is_active`, if it is given: a draft that is not to be active stays a draft.
    pub active: Option<bool>,
    pub at: DateTime<Utc>,
}

impl Decide<Badge> for ReviseBadge {
    fn decide(&self, badge: &Badge) -> Result<Vec<BadgeEvent>, BadgeError> {
        let status = badge.defined()?;
        let changes = self.patch.field_changes(&badge.details, nobody());
        let mut events = Vec::new();
        if !changes.is_empty() {
            badge.details.changed(&changes).check()?;
            let version = badge.version + u32::from(changes.criteria.is_some());
            events.push(BadgeRevised { changes, version, revised_at: self.at }.into());
        }
        match (self.active, status) {
            (Some(true), _) => events.extend(activate::activated(status, self.at)),
            (Some(false), BadgeStatus::Active) => events.extend(retire::retired(status, self.at)),
            (Some(false), BadgeStatus::Draft | BadgeStatus::Retired) | (None, _) => {}
        }
        Ok(events)
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::{super::define::tests::*, *};
    use crate::{
        badge::{ActivateBadge, BadgeActivated, BadgeChanges, BadgeRetired},
        fields::{Change, Patch},
        fixtures::*,
        values::{BadgeName, Rarity, Tier},
    };
    use cqrs_es::test::TestFramework;

    fn revise(patch: BadgePatch) -> ReviseBadge {
        ReviseBadge { patch, active: None, at: at(5) }
    }

    fn revised(changes: BadgeChanges, version: u32) -> BadgeEvent {
        BadgeRevised { changes, version, revised_at: at(5) }.into()
    }

    #[test]
    fn only_what_differs_is_recorded() {
        let patch = BadgePatch {
            name: Some(BadgeName::parse("First Post").unwrap()),
            points: Some(10),
            tier: Patch::Set(Tier::Gold),
            image: Patch::Clear,
            criteria: Patch::Set(posts(1)),
            ..BadgePatch::default()
        };
        let (points, tier) = (Some(10), Some(Change::Set(Tier::Gold)));
        let changes = BadgeChanges { points, tier, ..BadgeChanges::default() };

        TestFramework::<Badge>::with(())
            .given(vec![defined(&first_post(), true)])
            .when(revise(patch.clone()).into())
            .then_expect_events(vec![revised(changes.clone(), 1)]);
        TestFramework::<Badge>::with(())
            .given(vec![defined(&first_post(), true), revised(changes, 1)])
            .when(revise(patch).into())
            .then_expect_events(vec![]);
    }

    #[test]
    fn each_change_of_the_criterion_is_a_version() {
        let changes = |criteria| BadgeChanges { criteria: Some(criteria), ..BadgeChanges::default() };
        let patch = |criteria| BadgePatch { criteria, ..BadgePatch::default() };
        let second = revised(changes(Change::Set(posts(2))), 2);

        TestFramework::<Badge>::with(())
            .given(vec![defined(&first_post(), true)])
            .when(revise(patch(Patch::Set(posts(2)))).into())
            .then_expect_events(vec![second.clone()]);
        TestFramework::<Badge>::with(())
            .given(vec![defined(&first_post(), true), second])
            .when(revise(patch(Patch::Clear)).into())
            .then_expect_events(vec![revised(changes(Change::Cleared), 3)]);
    }

    #[test]
    fn points_and_rarity_fit_after_the_change() {
        let rare = |points| BadgePatch { rarity: Some(Rarity::Rare), points, ..BadgePatch::default() };
        let changes =
            BadgeChanges { rarity: Some(Rarity::Rare), points: Some(50), ..BadgeChanges::default() };

        TestFramework::<Badge>::with(())
            .given(vec![defined(&first_post(), true)])
            .when(revise(rare(None)).into())
            .then_expect_error(BadgeError::PointsOutOfBand(Rarity::Rare));
        TestFramework::<Badge>::with(())
            .given(vec![defined(&first_post(), true)])
            .when(revise(rare(Some(50))).into())
            .then_expect_events(vec![revised(changes, 1)]);
    }

    #[test]
    fn is_active_goes_with_the_other_changes() {
        let active = |active| ReviseBadge { active: Some(active), ..revise(BadgePatch::default()) };
        let activated: BadgeEvent = BadgeActivated { activated_at: at(5) }.into();
        let retired: BadgeEvent = BadgeRetired { retired_at: at(5) }.into();
        let both =
            ReviseBadge { patch: BadgePatch { points: Some(10), ..Default::default() }, ..active(true) };
        let changes = BadgeChanges { points: Some(10), ..BadgeChanges::default() };

        for (given, command, expected) in [
            (vec![defined(&first_post(), false)], both, vec![revised(changes, 1), activated]),
            (vec![defined(&first_post(), false)], active(false), vec![]),
            (vec![defined(&first_post(), true)], active(true), vec![]),
            (vec![defined(&first_post(), true)], active(false), vec![retired]),
        ] {
            TestFramework::<Badge>::with(()).given(given).when(command.into()).then_expect_events(expected);
        }
    }

    #[test]
    fn badge_that_is_not_there_cannot_be_revised() {
        for command in [revise(BadgePatch::default()).into(), ActivateBadge { at: at(5) }.into()] {
            TestFramework::<Badge>::with(())
                .given_no_previous_events()
                .when(command)
                .then_expect_error(BadgeError::NotDefined);
        }
    }
}
