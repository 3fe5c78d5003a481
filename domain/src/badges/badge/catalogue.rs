//! The badges that every installation begins with (BDG-10 to BDG-12), as data.
//!
//! Their ids follow from their slugs: to define one that is there changes nothing.

use super::{DefineBadge, NewBadge, criteria::Criterion};
use crate::{
    ids::BadgeId,
    values::{BadgeCategory, BadgeDescription, BadgeIcon, BadgeName, HexColor, Rarity},
};
use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::Value;

const SOURCE: &str = include_str!("catalogue.json");

/// A badge of the catalogue that is no badge: a defect.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the catalogue of badges is wrong: {0}")]
pub struct CatalogueFault(String);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    slug: String,
    name: String,
    description: String,
    category: String,
    icon: String,
    color: String,
    points: u32,
    rarity: Rarity,
    criteria: Value,
}

/// One command for each badge, to be run on the stream of the badge that it names.
///
/// # Errors
/// [`CatalogueFault`], never in a build that passes its tests.
pub fn catalogue(at: DateTime<Utc>) -> Result<Vec<DefineBadge>, CatalogueFault> {
    let entries: Vec<Entry> = serde_json::from_str(SOURCE).map_err(|e| CatalogueFault(e.to_string()))?;
    entries.iter().map(|entry| define(entry, at)).collect()
}

fn define(entry: &Entry, at: DateTime<Utc>) -> Result<DefineBadge, CatalogueFault> {
    let fault = |e: &dyn std::fmt::Display| CatalogueFault(format!("{}: {e}", entry.slug));
    let criteria = Criterion::parse(&entry.criteria).map_err(|faults| {
        let faults: Vec<_> = faults.iter().map(ToString::to_string).collect();
        fault(&faults.join("; "))
    })?;
    let new = NewBadge {
        name: BadgeName::parse(&entry.name).map_err(|e| fault(&e))?,
        category: BadgeCategory::parse(&entry.category).map_err(|e| fault(&e))?,
        description: BadgeDescription::parse(&entry.description).map_err(|e| fault(&e))?,
        icon: BadgeIcon::parse(&entry.icon).map_err(|e| fault(&e))?,
        color: HexColor::parse(&entry.color).map_err(|e| fault(&e))?,
        points: entry.points,
        rarity: entry.rarity,
        criteria: Some(criteria),
        image: None,
        tier: None,
        series: None,
        available_from: None,
        available_until: None,
    };
    Ok(DefineBadge { badge: BadgeId::of_catalogue(&entry.slug), new, others: 0, active: true, at })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        aggregate::Decide,
        badge::{Badge, BadgeEvent},
        fixtures::at,
    };
    use std::collections::{BTreeMap, BTreeSet};

    fn defined() -> Vec<(BadgeId, crate::badge::BadgeDefined)> {
        let of = |define: DefineBadge| match define.decide(&Badge::default()).unwrap().remove(0) {
            BadgeEvent::BadgeDefined(badge) => (define.badge, badge),
            other => panic!("{other:?}"),
        };
        catalogue(at(0)).unwrap().into_iter().map(of).collect()
    }

    #[test]
    fn catalogue_has_the_fourteen_badges_by_category() {
        let mut categories = BTreeMap::<_, usize>::new();
        for (_, badge) in defined() {
            *categories.entry(badge.details.category).or_default() += 1;
            assert!(badge.active && badge.details.criteria.is_some(), "{}", badge.slug);
        }

        let expected = [("achievement", 5), ("activity", 5), ("special", 4)];
        assert_eq!(categories, expected.map(|(name, n)| (name.to_owned(), n)).into());
    }

    #[test]
    fn slugs_are_those_of_the_names_and_the_ids_those_of_the_slugs() {
        let entries: Vec<Entry> = serde_json::from_str(SOURCE).unwrap();
        for (entry, (id, badge)) in entries.iter().zip(defined()) {
            assert_eq!((&badge.slug, id), (&entry.slug, BadgeId::of_catalogue(&entry.slug)));
        }
        assert_eq!(entries.iter().map(|entry| &entry.slug).collect::<BTreeSet<_>>().len(), entries.len());
    }

    /// As the requirements show it.
    #[test]
    fn first_post_is_as_it_was_shown() {
        let (id, badge) = defined().remove(0);
        let details = badge.details;

        assert_eq!(
            (details.name.as_str(), badge.slug.as_str(), details.points),
            ("First Post", "first_post", 25)
        );
        assert_eq!((details.icon.as_str(), details.color.as_str()), ("fas fa-star", "#FFD700"));
        assert_eq!(id, BadgeId::of_catalogue("first_post"));
    }
}
