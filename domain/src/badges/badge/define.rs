//! A badge is defined.

use super::{Badge, BadgeDefined, BadgeError, BadgeEvent, NewBadge, fields::nobody};
use crate::{aggregate::Decide, ids::BadgeId, values::BadgeSlug};
use chrono::{DateTime, Utc};

/// Defines a badge under the slug of its name; one that is there stays as it is, so that a catalogue is installed once.
#[derive(Clone, Debug)]
pub struct DefineBadge {
    pub badge: BadgeId,
    pub new: NewBadge,
    /// Other badges whose names leave the same slug: it gets a number, from 2 on.
    pub others: u32,
    /// Can be earned at once; otherwise it is a draft.
    pub active: bool,
    pub at: DateTime<Utc>,
}

impl DefineBadge {
    /// Of the name or, where nothing of that can be in a slug, of the id.
    fn slug(&self) -> String {
        match (BadgeSlug::derived(self.new.name.as_str()), self.others) {
            (None, _) => format!("badge_{}", self.badge.uuid().simple()),
            (Some(slug), 0) => slug.as_str().to_owned(),
            (Some(slug), others) => slug.numbered(others.saturating_add(1)).as_str().to_owned(),
        }
    }
}

impl Decide<Badge> for DefineBadge {
    fn decide(&self, badge: &Badge) -> Result<Vec<BadgeEvent>, BadgeError> {
        if badge.status.is_some() {
            return Ok(Vec::new());
        }
        let details = self.new.stored(nobody());
        details.check()?;
        let (slug, active, defined_at) = (self.slug(), self.active, self.at);
        Ok(vec![BadgeDefined { slug, details, version: 1, active, defined_at }.into()])
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::{
        badge::{BadgeDetails, criteria::Criterion},
        fixtures::*,
        values::*,
    };
    use cqrs_es::test::TestFramework;
    use serde_json::json;

    pub const fn id() -> BadgeId {
        BadgeId::from_uuid(uuid::Uuid::from_u128(0xbad9e))
    }

    pub fn posts(threshold: u32) -> Criterion {
        let criterion = json!({"type": "counter", "field": "posts_count", "threshold": threshold});
        Criterion::parse(&criterion).unwrap()
    }

    pub fn first_post() -> NewBadge {
        NewBadge {
            name: BadgeName::parse("First Post").unwrap(),
            category: BadgeCategory::parse("achievement").unwrap(),
            description: BadgeDescription::parse("Create your first post").unwrap(),
            icon: BadgeIcon::parse("fas fa-star").unwrap(),
            color: HexColor::parse("#FFD700").unwrap(),
            points: 25,
            rarity: Rarity::Common,
            image: None,
            criteria: Some(posts(1)),
            tier: None,
            series: None,
            available_from: None,
            available_until: None,
        }
    }

    pub fn defined(new: &NewBadge, active: bool) -> BadgeEvent {
        let define = DefineBadge { badge: id(), new: new.clone(), others: 0, active, at: at(0) };
        define.decide(&Badge::default()).unwrap().remove(0)
    }

    fn define(new: NewBadge) -> DefineBadge {
        DefineBadge { badge: id(), new, others: 0, active: true, at: at(0) }
    }

    #[test]
    fn badge_is_defined_under_the_slug_of_its_name() {
        let details = BadgeDetails {
            name: "First Post".to_owned(),
            category: "achievement".to_owned(),
            description: "Create your first post".to_owned(),
            icon: "fas fa-star".to_owned(),
            color: "#FFD700".to_owned(),
            points: 25,
            criteria: Some(posts(1)),
            ..BadgeDetails::default()
        };
        let slug = "first_post".to_owned();

        TestFramework::<Badge>::with(())
            .given_no_previous_events()
            .when(define(first_post()).into())
            .then_expect_events(vec![
                BadgeDefined { slug, details, version: 1, active: true, defined_at: at(0) }.into(),
            ]);
    }

    #[test]
    fn defining_again_changes_nothing() {
        TestFramework::<Badge>::with(())
            .given(vec![defined(&first_post(), false)])
            .when(define(NewBadge { points: 10, ..first_post() }).into())
            .then_expect_events(vec![]);
    }

    #[test]
    fn name_without_a_letter_of_a_slug_takes_the_id() {
        let BadgeEvent::BadgeDefined(badge) =
            defined(&NewBadge { name: BadgeName::parse("日本").unwrap(), ..first_post() }, true)
        else {
            panic!("not defined")
        };

        assert_eq!(BadgeSlug::parse(&badge.slug).unwrap().as_str(), badge.slug);
        assert!(badge.slug.ends_with("0bad9e"), "{}", badge.slug);
    }

    #[test]
    fn points_keep_to_the_band_of_the_rarity_and_the_refusal_names_it() {
        for rarity in Rarity::ALL {
            let band = rarity.points();
            for (points, fits) in [
                (*band.start(), true),
                (*band.end(), true),
                (band.start() - 1, false),
                (band.end() + 1, false),
            ] {
                let refused =
                    define(NewBadge { points, rarity, ..first_post() }).decide(&Badge::default()).err();
                assert_eq!(
                    refused,
                    (!fits).then_some(BadgeError::PointsOutOfBand(rarity)),
                    "{rarity} {points}"
                );
            }
        }
        assert_eq!(
            BadgeError::PointsOutOfBand(Rarity::Rare).to_string(),
            "a badge of rarity rare must have 50 to 100 points"
        );
    }

    #[test]
    fn availability_does_not_end_before_it_begins() {
        let (available_from, available_until) = (Some(at(9)), Some(at(9)));
        TestFramework::<Badge>::with(())
            .given_no_previous_events()
            .when(define(NewBadge { available_from, available_until, ..first_post() }).into())
            .then_expect_error(BadgeError::AvailabilityReversed);
    }
}
