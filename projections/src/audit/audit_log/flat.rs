//! Values of the log in a form that people read: the content of a personal value, or a word that it is gone.

use domain::{Subject, personal::MARKER};
use serde_json::{Map, Value};
use std::collections::BTreeSet;

/// What stands where an erased person's value was.
pub const ERASED: &str = "[erased]";

/// Whose personal values can be read in an opened value.
pub(super) fn subjects(value: &Value, found: &mut BTreeSet<Subject>) {
    match value {
        Value::Object(map) => match map.get(MARKER).and_then(Value::as_str) {
            Some(subject) if map.contains_key("value") => found.extend(subject.parse::<Subject>()),
            Some(_) => {}
            None => map.values().for_each(|value| subjects(value, found)),
        },
        Value::Array(items) => items.iter().for_each(|value| subjects(value, found)),
        _ => {}
    }
}

/// Whose a sealed entry of the metadata is.
pub(super) fn subject_of_entry(entry: &str) -> Option<Subject> {
    entry.strip_prefix(MARKER)?.strip_prefix(':')?.split(':').next()?.parse().ok()
}

/// What stands where a personal value is that is not shown.
pub const SEALED: &str = "[sealed]";

/// Puts a word in the place of every personal value.
pub(crate) fn conceal(value: Value) -> Value {
    match value {
        Value::Object(map) if map.contains_key(domain::personal::MARKER) => Value::String(SEALED.to_owned()),
        Value::Object(map) => Value::Object(map.into_iter().map(|(k, v)| (k, conceal(v))).collect()),
        Value::Array(items) => Value::Array(items.into_iter().map(conceal).collect()),
        plain => plain,
    }
}

/// Unwraps personal values that were opened before.
pub(super) fn flatten(value: Value) -> Value {
    match value {
        Value::Object(mut map) if map.contains_key(MARKER) => {
            map.remove("value").unwrap_or_else(|| Value::String(ERASED.to_owned()))
        }
        Value::Object(map) => Value::Object(map.into_iter().map(|(k, v)| (k, flatten(v))).collect()),
        Value::Array(items) => Value::Array(items.into_iter().map(flatten).collect()),
        plain => plain,
    }
}

/// A field's value of an event: a change of a profile or of settings becomes what the field holds since then.
pub(super) fn flatten_field(entity_type: &str, value: Value) -> Value {
    match value {
        Value::Object(mut map) if has_changes(entity_type) && map.len() == 1 && map.contains_key("set") => {
            map.remove("set").map_or(Value::Null, flatten)
        }
        Value::String(word) if has_changes(entity_type) && word == "cleared" => Value::Null,
        other => flatten(other),
    }
}

/// Whether the events of this stream hold changes, `{"set": value}` or `"cleared"`.
fn has_changes(entity_type: &str) -> bool {
    ["profile", "settings"].contains(&entity_type)
}

/// An event's payload by field, without the tag that repeats its type.
pub(crate) fn flatten_payload(entity_type: &str, payload: Value) -> Map<String, Value> {
    let Value::Object(fields) = payload else { return Map::new() };
    fields
        .into_iter()
        .filter(|(field, _)| field != "type")
        .map(|(field, value)| (field, flatten_field(entity_type, value)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn personal_values_become_their_content_or_a_word() {
        let opened =
            json!({ "type": "x", "a": { "~p": "s", "value": "Jane" }, "b": [{ "~p": "s", "erased": true }] });

        let flat = flatten_payload("user", opened);

        assert_eq!(Value::Object(flat), json!({ "a": "Jane", "b": ["[erased]"] }));
    }

    #[test]
    fn subjects_are_of_what_can_be_read() {
        let (jane, john) = (Subject::from_uuid(uuid::Uuid::from_u128(1)), uuid::Uuid::from_u128(2));
        let opened = json!({ "a": [{ "~p": jane, "value": "Jane" }], "b": { "~p": john, "erased": true } });
        let mut found = BTreeSet::new();

        subjects(&opened, &mut found);

        assert_eq!(found, BTreeSet::from([jane]));
        assert_eq!(subject_of_entry(&format!("~p:{jane}:v1.abc")), Some(jane));
        assert_eq!(subject_of_entry("127.0.0.1"), None);
    }

    #[test]
    fn personal_values_are_concealed_at_any_depth() {
        let sealed = json!({ "a": { "set": { "~p": "s", "sealed": "v1" } }, "b": [{ "~p": "s" }], "c": 1 });

        assert_eq!(conceal(sealed), json!({ "a": { "set": "[sealed]" }, "b": ["[sealed]"], "c": 1 }));
    }

    #[test]
    fn changes_of_a_profile_become_what_the_field_holds() {
        let opened = json!({ "bio": { "set": { "~p": "s", "value": "Hi" } }, "city": "cleared" });

        let flat = flatten_payload("profile", opened);

        assert_eq!(Value::Object(flat), json!({ "bio": "Hi", "city": null }));
    }
}
