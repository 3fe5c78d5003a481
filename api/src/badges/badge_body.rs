//! Bodies about a badge: a complete definition, or changes of one (BDG-01).

use crate::account::api_keys::in_microseconds;
use crate::{
    badges::views::BadgeView,
    extract::{Checks, Form, Writable, typed},
    problem::{ApiResult, Problem},
};
use chrono::{DateTime, Datelike, Utc};
use domain::{
    badge::{BadgePatch, NewBadge, criteria::Criterion},
    profile::Patch,
    values::{BadgeCategory, BadgeDescription, BadgeIcon, BadgeName, HexColor, Rarity, Tier, ValueError},
};
use serde::Deserialize;
use serde_json::{Map, Value};
use std::str::FromStr;
use utoipa::ToSchema;

const BADGE: Writable = Writable {
    members: &[
        "name",
        "description",
        "category",
        "icon",
        "color",
        "image",
        "points",
        "criteria",
        "rarity",
        "tier",
        "series",
        "available_from",
        "available_until",
        "is_active",
    ],
    synonyms: &[],
    // What follows from a change, and what others do.
    volatile: &["status", "version", "updated_at", "earned_count"],
};
/// Of a common badge.
const POINTS: u32 = 10;

/// What a badge shall be. A `PUT` or `PATCH` changes what it names; a null clears what a badge need not have.
#[derive(Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BadgeBody {
    /// 1 to 100 characters; unique, whatever its case and spaces. Needed of a new badge, as the four that follow.
    #[serde(default)]
    #[schema(value_type = Option<String>, max_length = 100, example = "First Post")]
    name: Patch<String>,
    /// 1 to 2,000 characters.
    #[serde(default)]
    #[schema(value_type = Option<String>, max_length = 2000)]
    description: Patch<String>,
    /// 1 to 50 of `a-z 0-9 _ -`, a letter first.
    #[serde(default)]
    #[schema(value_type = Option<String>, max_length = 50, example = "achievement")]
    category: Patch<String>,
    /// The name of an icon in an icon font.
    #[serde(default)]
    #[schema(value_type = Option<String>, max_length = 100, example = "fas fa-star")]
    icon: Patch<String>,
    #[serde(default)]
    #[schema(value_type = Option<String>, pattern = "^#[0-9A-Fa-f]{6}$", example = "#FFD700")]
    color: Patch<String>,
    /// An absolute `https` URL.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    image: Patch<String>,
    /// As many as the rarity allows: common 10 to 25, rare 50 to 100, epic 150 to 300, legendary from 500. 10 for a new
    /// badge.
    #[serde(default)]
    #[schema(value_type = Option<u32>, example = 25)]
    points: Patch<u32>,
    /// `common`, `rare`, `epic` or `legendary`; `common` for a new badge.
    #[serde(default)]
    #[schema(value_type = Option<String>, example = "common")]
    rarity: Patch<String>,
    /// What it takes, by `/api/badges/criteria-schema`; none or empty: it is only given by hand.
    #[serde(default)]
    #[schema(value_type = Option<Object>)]
    criteria: Patch<Value>,
    /// `bronze`, `silver` or `gold`.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    tier: Patch<String>,
    /// 1 to 100 characters.
    #[serde(default)]
    #[schema(value_type = Option<String>, max_length = 100)]
    series: Patch<String>,
    #[serde(default)]
    #[schema(value_type = Option<DateTime<Utc>>)]
    available_from: Patch<DateTime<Utc>>,
    #[serde(default)]
    #[schema(value_type = Option<DateTime<Utc>>)]
    available_until: Patch<DateTime<Utc>>,
    /// Whether it can be earned; true for a new badge.
    #[serde(default)]
    #[schema(value_type = Option<bool>)]
    is_active: Patch<bool>,
}

impl Form for BadgeBody {
    fn check(&self, checks: &mut Checks) {
        self.clone().whole(checks);
    }
}

impl BadgeBody {
    /// A new badge, and whether it is active.
    pub fn new_badge(self) -> ApiResult<(NewBadge, bool)> {
        let mut checks = Checks::default();
        let (patch, active) = self.whole(&mut checks);
        checks.finish()?;
        let BadgePatch {
            name: Some(name),
            description: Some(description),
            category: Some(category),
            icon: Some(icon),
            color: Some(color),
            points,
            rarity,
            image,
            criteria,
            tier,
            series,
            available_from,
            available_until,
        } = patch
        else {
            return Err(Problem::internal("a checked form without its values"));
        };
        let new = NewBadge {
            name,
            category,
            description,
            icon,
            color,
            points: points.unwrap_or(POINTS),
            rarity: rarity.unwrap_or_default(),
            image: set(image),
            criteria: set(criteria),
            tier: set(tier),
            series: set(series),
            available_from: set(available_from),
            available_until: set(available_until),
        };
        Ok((new, active.unwrap_or(true)))
    }

    /// What the body says, of which a new badge needs some.
    fn whole(self, checks: &mut Checks) -> (BadgePatch, Option<bool>) {
        let (patch, active) = self.read(checks);
        let needed = [
            ("name", patch.name.is_none()),
            ("description", patch.description.is_none()),
            ("category", patch.category.is_none()),
            ("icon", patch.icon.is_none()),
            ("color", patch.color.is_none()),
        ];
        for (member, _) in needed.into_iter().filter(|(_, missing)| *missing) {
            checks.missing(member);
        }
        (patch, active)
    }

    /// What a body changes of a badge as it is shown now.
    pub fn changes(body: Map<String, Value>, current: &BadgeView) -> ApiResult<(BadgePatch, Option<bool>)> {
        let shown = serde_json::to_value(current).map_err(Problem::internal)?;
        let mut checks = Checks::default();
        let changes = BADGE.changes(body, &shown, &mut checks);
        let read = typed::<Self>(changes, &mut checks).map(|body| body.read(&mut checks));
        checks.finish()?;
        read.ok_or_else(|| Problem::internal("a checked form without its values"))
    }

    fn read(self, checks: &mut Checks) -> (BadgePatch, Option<bool>) {
        let rarities = Rarity::ALL.map(|rarity| (rarity.name(), rarity));
        let tiers = [("bronze", Tier::Bronze), ("silver", Tier::Silver), ("gold", Tier::Gold)];
        let rarity = one_of(checks, "rarity", self.rarity, &rarities);
        let patch = BadgePatch {
            name: text::<BadgeName>(checks, "name", self.name),
            description: text::<BadgeDescription>(checks, "description", self.description),
            category: text::<BadgeCategory>(checks, "category", self.category),
            icon: text::<BadgeIcon>(checks, "icon", self.icon),
            color: text::<HexColor>(checks, "color", self.color),
            points: needed(checks, "points", self.points),
            rarity: needed(checks, "rarity", rarity),
            image: checks.text("image", self.image),
            criteria: criteria(checks, self.criteria),
            tier: one_of(checks, "tier", self.tier, &tiers),
            series: checks.text("series", self.series),
            available_from: time(checks, "available_from", self.available_from),
            available_until: time(checks, "available_until", self.available_until),
        };
        let active = needed(checks, "is_active", self.is_active);
        (patch, active)
    }
}

fn set<T>(patch: Patch<T>) -> Option<T> {
    match patch {
        Patch::Set(value) => Some(value),
        Patch::Keep | Patch::Clear => None,
    }
}

/// What every badge has is changed and never cleared.
fn needed<T>(checks: &mut Checks, member: &str, patch: Patch<T>) -> Option<T> {
    match patch {
        Patch::Keep => None,
        Patch::Set(value) => Some(value),
        Patch::Clear => {
            checks.add(member, "missing", "every badge has this");
            None
        }
    }
}

fn text<T: FromStr<Err = ValueError>>(checks: &mut Checks, member: &str, patch: Patch<String>) -> Option<T> {
    let text = needed(checks, member, patch)?;
    checks.value(member, text.parse())
}

fn one_of<T: Copy>(checks: &mut Checks, member: &str, patch: Patch<String>, words: &[(&str, T)]) -> Patch<T> {
    let read = patch.try_map(|name| {
        let found = words.iter().find(|(word, _)| *word == name);
        found.map(|(_, value)| *value).ok_or(())
    });
    read.unwrap_or_else(|()| {
        let names: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
        checks.add(member, "unknown-value", format!("one of {}", names.join(", ")));
        Patch::Keep
    })
}

fn criteria(checks: &mut Checks, patch: Patch<Value>) -> Patch<Criterion> {
    let value = match patch {
        Patch::Keep => return Patch::Keep,
        Patch::Clear => return Patch::Clear,
        Patch::Set(value) => value,
    };
    match Criterion::parse_optional(&value) {
        Ok(Some(criterion)) => Patch::Set(criterion),
        Ok(None) => Patch::Clear,
        Err(faults) => {
            for fault in faults {
                checks.at(format!("/criteria{}", fault.pointer), "criteria-invalid", fault.detail);
            }
            Patch::Keep
        }
    }
}

/// In the precision of the log, and within the years that it can hold.
fn time(checks: &mut Checks, member: &str, patch: Patch<DateTime<Utc>>) -> Patch<DateTime<Utc>> {
    match patch {
        Patch::Set(time) if !(0..=9999).contains(&time.year()) => {
            checks.add(member, "invalid", "years 0000 to 9999");
            Patch::Keep
        }
        Patch::Set(time) => in_microseconds(Some(time)).map_or(Patch::Keep, Patch::Set),
        other => other,
    }
}

#[cfg(test)]
#[path = "badge_body_tests.rs"]
mod tests;
