//! Preferences that only clients know: kept as they are, within bounds (C-17).

use super::SettingsError;
use crate::personal::MARKER;
use serde_json::{Map, Value};

/// Of all of them together, as JSON (section 7, metadata).
pub const MAX_EXTRA_BYTES: usize = 16 * 1024;
/// Objects and arrays within each other, the outermost included (section 7).
pub const MAX_EXTRA_DEPTH: usize = 32;
const MAX_NAME_CHARS: usize = 64;

/// By name.
pub type Extra = Map<String, Value>;

/// What to do with them.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum ExtraPatch {
    #[default]
    Keep,
    /// Each is set to its value, or taken away if that is null; the others stay.
    Merge(Extra),
    Clear,
}

impl ExtraPatch {
    /// What there is afterwards.
    pub(super) fn applied(&self, now: Option<&Extra>) -> Result<Extra, SettingsError> {
        let mut extra = now.cloned().unwrap_or_default();
        match self {
            Self::Keep => {}
            Self::Clear => extra.clear(),
            Self::Merge(members) => {
                for (name, value) in members {
                    match value {
                        Value::Null => extra.remove(name),
                        value => extra.insert(name.clone(), value.clone()),
                    };
                }
                check(&extra)?;
            }
        }
        Ok(extra)
    }
}

/// Members that others keep with us: their names, nesting and size.
pub(crate) fn check(extra: &Extra) -> Result<(), SettingsError> {
    let is_name = |name: &str| {
        (1..=MAX_NAME_CHARS).contains(&name.chars().count()) && !name.chars().any(char::is_control)
    };
    if !extra.keys().all(|name| is_name(name)) {
        return Err(SettingsError::ExtraName);
    }
    check_object(extra, 1)?;
    let size = serde_json::to_vec(extra).map_or(usize::MAX, |bytes| bytes.len());
    if size > MAX_EXTRA_BYTES { Err(SettingsError::ExtraTooLarge) } else { Ok(()) }
}

/// What looks like a personal value to the store would be sealed, or refused, as one.
fn check_object(object: &Extra, depth: usize) -> Result<(), SettingsError> {
    if object.contains_key(MARKER) {
        return Err(SettingsError::ExtraReserved);
    }
    object.values().try_for_each(|value| check_value(value, depth.saturating_add(1)))
}

fn check_value(value: &Value, depth: usize) -> Result<(), SettingsError> {
    match value {
        Value::Object(_) | Value::Array(_) if depth > MAX_EXTRA_DEPTH => Err(SettingsError::ExtraTooDeep),
        Value::Object(members) => check_object(members, depth),
        Value::Array(items) => items.iter().try_for_each(|item| check_value(item, depth.saturating_add(1))),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn merged(now: &Value, change: Value) -> Result<Value, SettingsError> {
        let Value::Object(change) = change else { panic!("not an object") };
        ExtraPatch::Merge(change).applied(now.as_object()).map(Value::Object)
    }

    fn nested(depth: usize) -> Value {
        (1..depth).fold(json!({}), |inner, _| json!({ "in": inner }))
    }

    #[test]
    fn members_are_set_and_taken_away_and_others_stay() {
        let now = json!({ "beta": true, "size": 3 });

        let after = merged(&now, json!({ "size": null, "panels": ["a"] }));

        assert_eq!(after, Ok(json!({ "beta": true, "panels": ["a"] })));
        assert_eq!(ExtraPatch::Keep.applied(now.as_object()).map(Value::Object), Ok(now.clone()));
        assert_eq!(ExtraPatch::Clear.applied(now.as_object()), Ok(Extra::new()));
    }

    #[test]
    fn size_and_depth_are_bounded_over_all_of_them() {
        let half = "x".repeat(MAX_EXTRA_BYTES / 2);
        let first = merged(&json!({}), json!({ "one": half })).unwrap();

        assert_eq!(merged(&first, json!({ "two": half })), Err(SettingsError::ExtraTooLarge));
        assert!(merged(&json!({}), nested(MAX_EXTRA_DEPTH)).is_ok());
        assert_eq!(merged(&json!({}), nested(MAX_EXTRA_DEPTH + 1)), Err(SettingsError::ExtraTooDeep));
    }

    #[test]
    fn names_are_names_and_nothing_poses_as_a_personal_value() {
        for (bad, error) in [
            (json!({ "": 1 }), SettingsError::ExtraName),
            (json!({ "x".repeat(65): 1 }), SettingsError::ExtraName),
            (json!({ "a\u{7}": 1 }), SettingsError::ExtraName),
            (json!({ "~p": "x" }), SettingsError::ExtraReserved),
            (json!({ "a": [{ "~p": "x" }] }), SettingsError::ExtraReserved),
        ] {
            assert_eq!(merged(&json!({}), bad.clone()), Err(error), "{bad}");
        }
    }
}
