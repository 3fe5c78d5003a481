//! A criterion: what its author asks for.

use super::{
    field::Field,
    words::{Action, Logic, Operator, Quality, Timeframe},
};
use crate::badge::criteria::fact::{FactKind, Trigger};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Bounds of what can be asked for.
pub struct Limits;

impl Limits {
    /// Greatest number to reach.
    pub const COUNT: i64 = 1_000_000_000;
    /// Longest streak.
    pub const DAYS: i64 = super::days::KEPT_DAYS as i64;
    /// Most requirements of one criterion.
    pub const REQUIREMENTS: usize = 20;
    /// Longest description, in characters.
    pub const DESCRIPTION: usize = 500;
}

/// What it takes to earn a badge. Deserialising reads what was stored; what is given comes in by [`Criterion::parse`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Criterion {
    #[serde(flatten)]
    pub rule: Rule,
    /// In its author's words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
}

/// The stored form, by `type`: **frozen**.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Rule {
    /// A field reaches a threshold (BDG-04).
    Counter { field: Field, threshold: i64 },
    /// Something is done on so many days on end (BDG-05).
    ConsecutiveDays { action: Action, days: i64 },
    /// Fields compare as required (BDG-06).
    MultiCriteria { requirements: Vec<Requirement>, logic: Logic },
    /// Something is done so many times, well enough where a quality is asked for (BDG-07).
    EventBased {
        event_type: Action,
        count: i64,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        quality_threshold: Option<Quality>,
    },
    /// Things are done so many times, taken together (BDG-08).
    SocialInteraction { interactions: Vec<Action>, min_count: i64, timeframe: Timeframe },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Requirement {
    pub field: Field,
    pub operator: Operator,
    pub value: i64,
}

impl Criterion {
    /// Which facts can move it.
    pub fn triggers(&self) -> BTreeSet<Trigger> {
        match &self.rule {
            Rule::Counter { field, .. } => field.triggers().into_iter().collect(),
            Rule::ConsecutiveDays { action, .. } | Rule::EventBased { event_type: action, .. } => {
                BTreeSet::from([Trigger::Did(*action)])
            }
            Rule::MultiCriteria { requirements, .. } => {
                requirements.iter().flat_map(|requirement| requirement.field.triggers()).collect()
            }
            Rule::SocialInteraction { interactions, .. } => {
                interactions.iter().map(|action| Trigger::Did(*action)).collect()
            }
        }
    }

    /// Whether such a fact can move it: it is asked after that fact. [`super::Index`] knows it of many badges at once.
    pub fn moved_by(&self, what: &FactKind) -> bool {
        self.triggers().contains(&what.trigger())
    }
}
