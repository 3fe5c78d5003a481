//! From the JSON of an author to a criterion, or to everything that is wrong with it.

use super::{
    field::{Field, REFUSED},
    reader::{Fault, Faults, Object, word},
    rule::{Criterion, Limits, Requirement, Rule},
    words::{Action, Logic, Operator, Quality, Timeframe},
};
use serde_json::Value;

/// The one version of criteria that there is; it may be named.
const VERSION: i64 = 1;

const TYPES: &[&str] =
    &["counter", "consecutive_days", "multi_criteria", "event_based", "social_interaction"];

impl Criterion {
    /// Reads a criterion. [`super::SCHEMA`] says the same of what is accepted.
    ///
    /// # Errors
    /// Everything that is wrong with it, each with a pointer to where.
    pub fn parse(value: &Value) -> Result<Self, Vec<Fault>> {
        let mut faults = Faults::default();
        let criterion = criterion(value, &mut faults);
        match criterion {
            Some(criterion) if faults.0.is_empty() => Ok(criterion),
            Some(_) | None => Err(faults.0),
        }
    }

    /// As [`Criterion::parse`]; null and `{}` say that there is none.
    ///
    /// # Errors
    /// Everything that is wrong with it, each with a pointer to where.
    pub fn parse_optional(value: &Value) -> Result<Option<Self>, Vec<Fault>> {
        if value.is_null() || value.as_object().is_some_and(serde_json::Map::is_empty) {
            return Ok(None);
        }
        Self::parse(value).map(Some)
    }
}

fn criterion(value: &Value, faults: &mut Faults) -> Option<Criterion> {
    let object = Object::of(value, String::new(), "a criterion", faults)?;
    let description = object.line("description", Limits::DESCRIPTION, faults);
    if object.get("version").is_some() {
        object.integer("version", VERSION..=VERSION, faults);
    }
    let read: fn(&Object, &mut Faults) -> Option<Rule> =
        match object.word("type", TYPES, |name| name, faults)? {
            "counter" => counter,
            "consecutive_days" => consecutive_days,
            "multi_criteria" => multi_criteria,
            "event_based" => event_based,
            _ => social_interaction,
        };
    read(&object, faults).map(|rule| Criterion { rule, description })
}

/// No member besides these and those of every criterion.
fn only(object: &Object, kind: &str, members: &[&str], faults: &mut Faults) {
    let known = [&["type"], members, &["description", "version"]].concat();
    object.only(kind, &known, faults);
}

fn counter(object: &Object, faults: &mut Faults) -> Option<Rule> {
    only(object, "counter", &["field", "threshold"], faults);
    let field = field(object, faults);
    let threshold = object.integer("threshold", 1..=max(field), faults);
    Some(Rule::Counter { field: field?, threshold: threshold? })
}

fn consecutive_days(object: &Object, faults: &mut Faults) -> Option<Rule> {
    only(object, "consecutive_days", &["action", "days"], faults);
    let action = object.word("action", Action::ALL, Action::name, faults);
    let days = object.integer("days", 1..=Limits::DAYS, faults);
    Some(Rule::ConsecutiveDays { action: action?, days: days? })
}

fn event_based(object: &Object, faults: &mut Faults) -> Option<Rule> {
    only(object, "event_based", &["event_type", "count", "quality_threshold"], faults);
    let event_type = object.word("event_type", Action::ALL, Action::name, faults);
    let count = object.integer("count", 1..=Limits::COUNT, faults);
    let quality_threshold = match object.get("quality_threshold") {
        None => None,
        Some(value) => {
            let quality = value.as_f64().and_then(Quality::of_number);
            if quality.is_none() {
                let detail = "quality_threshold must be a number from 0.0 to 5.0 in steps of 0.1";
                faults.add(object.at("quality_threshold"), detail);
            }
            quality
        }
    };
    Some(Rule::EventBased { event_type: event_type?, count: count?, quality_threshold })
}

fn social_interaction(object: &Object, faults: &mut Faults) -> Option<Rule> {
    only(object, "social_interaction", &["interactions", "min_count", "timeframe"], faults);
    let given = object.list("interactions", 1..=Action::SOCIAL.len(), faults);
    let min_count = object.integer("min_count", 1..=Limits::COUNT, faults);
    let timeframe = match object.get("timeframe") {
        None => Some(Timeframe::AllTime),
        Some(_) => object.word("timeframe", Timeframe::ALL, Timeframe::name, faults),
    };
    let mut interactions = Vec::new();
    for (n, value) in given?.iter().enumerate() {
        let pointer = format!("{}/{n}", object.at("interactions"));
        let Some(action) =
            word(value, pointer.clone(), "an interaction", Action::SOCIAL, Action::name, faults)
        else {
            continue;
        };
        if interactions.contains(&action) {
            faults.add(pointer, format!("{action} is listed twice"));
        }
        interactions.push(action);
    }
    Some(Rule::SocialInteraction { interactions, min_count: min_count?, timeframe: timeframe? })
}

fn multi_criteria(object: &Object, faults: &mut Faults) -> Option<Rule> {
    only(object, "multi_criteria", &["requirements", "logic"], faults);
    let logic = match object.get("logic") {
        None => Some(Logic::And),
        Some(_) => object.word("logic", Logic::ALL, Logic::name, faults),
    };
    let mut requirements = Vec::new();
    for (n, value) in object.list("requirements", 1..=Limits::REQUIREMENTS, faults)?.iter().enumerate() {
        let pointer = format!("{}/{n}", object.at("requirements"));
        let Some(requirement) = requirement(value, pointer.clone(), faults) else { continue };
        if requirements.contains(&requirement) {
            faults.add(pointer, "this requirement is listed twice");
        }
        requirements.push(requirement);
    }
    Some(Rule::MultiCriteria { requirements, logic: logic? })
}

fn requirement(value: &Value, pointer: String, faults: &mut Faults) -> Option<Requirement> {
    let object = Object::of(value, pointer, "a requirement", faults)?;
    object.only("a requirement", &["field", "operator", "value"], faults);
    let field = field(&object, faults);
    let operator = object.word("operator", Operator::ALL, Operator::name, faults);
    let value = object.integer("value", 0..=max(field), faults);
    Some(Requirement { field: field?, operator: operator?, value: value? })
}

/// The member `field`, with a reason of its own for the one that is refused.
fn field(object: &Object, faults: &mut Faults) -> Option<Field> {
    let (refused, reason) = REFUSED;
    if object.get("field").and_then(Value::as_str) == Some(refused) {
        faults.add(object.at("field"), reason);
        return None;
    }
    object.word("field", Field::ALL, Field::name, faults)
}

/// Of a field that is wrong itself, whatever any could have.
fn max(field: Option<Field>) -> i64 {
    field.map_or(Limits::COUNT, Field::greatest)
}
