//! What a definition says, and its changes, as columns.

use super::query::BadgeRow;
use domain::{
    BadgeId,
    badge::{BadgeChanges, BadgeDefined, BadgeDetails, BadgeStatus},
    profile::Change,
};
use uuid::Uuid;

/// The row of a new badge.
pub(super) fn defined(id: Uuid, e: &BadgeDefined) -> BadgeRow {
    let BadgeDetails {
        name,
        category,
        description,
        icon,
        color,
        points,
        rarity,
        image,
        criteria,
        tier,
        series,
        available_from,
        available_until,
    } = e.details.clone();
    BadgeRow {
        badge_id: BadgeId::from_uuid(id),
        slug: e.slug.clone(),
        name,
        description,
        category,
        icon,
        color,
        image,
        points: i64::from(points),
        rarity,
        criteria,
        tier,
        series,
        available_from,
        available_until,
        status: if e.active { BadgeStatus::Active } else { BadgeStatus::Draft },
        criteria_version: i64::from(e.version),
        created_at: e.defined_at,
        updated_at: e.defined_at,
        earned_count: 0,
        version: 0,
    }
}

/// Names every field: a new one does not compile before it has a column.
pub(super) fn revise(badge: &mut BadgeRow, changes: &BadgeChanges) {
    let BadgeChanges {
        name,
        category,
        description,
        icon,
        color,
        points,
        rarity,
        image,
        criteria,
        tier,
        series,
        available_from,
        available_until,
    } = changes;
    set(&mut badge.name, name.as_ref());
    set(&mut badge.category, category.as_ref());
    set(&mut badge.description, description.as_ref());
    set(&mut badge.icon, icon.as_ref());
    set(&mut badge.color, color.as_ref());
    set(&mut badge.points, points.map(i64::from).as_ref());
    set(&mut badge.rarity, rarity.as_ref());
    change(&mut badge.image, image.as_ref());
    change(&mut badge.criteria, criteria.as_ref());
    change(&mut badge.tier, tier.as_ref());
    change(&mut badge.series, series.as_ref());
    change(&mut badge.available_from, available_from.as_ref());
    change(&mut badge.available_until, available_until.as_ref());
}

fn set<T: Clone>(field: &mut T, new: Option<&T>) {
    if let Some(new) = new {
        field.clone_from(new);
    }
}

fn change<T: Clone>(field: &mut Option<T>, change: Option<&Change<T>>) {
    match change {
        Some(Change::Set(new)) => *field = Some(new.clone()),
        Some(Change::Cleared) => *field = None,
        None => {}
    }
}
