//! Reads a JSON value as a type and goes on after each mistake, so that a client is told of all of them at once.
//!
//! A member that is wrong or missing is noted and replaced by a stand-in that can be read; what is made with stand-ins
//! is good for finding further mistakes and for nothing else.

use super::{json::pointer, words};
use crate::problem::FieldError;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

/// Mistakes that are told of one body at most.
pub const MOST: usize = 32;
/// Bytes of bodies that a mistake may be looked for in, all readings together: each mistake costs about ten.
const LOOKED_AT: usize = 256 * 1024;

/// How many mistakes are told of a body of so many bytes: a large one is not worth much work to whoever sends it wrong.
pub fn most(bytes: usize) -> usize {
    (LOOKED_AT / bytes.max(1)).clamp(4, MOST)
}

/// The value as a type, and up to `most` things that are wrong with it. With mistakes, what was read holds stand-ins; none if the reader
/// could not go on.
pub fn read<T: DeserializeOwned>(mut value: Value, most: usize) -> (Option<T>, Vec<FieldError>) {
    let mut faults: Vec<FieldError> = Vec::new();
    for _ in 0..2 * most {
        if faults.len() == most {
            break;
        }
        let (mut fault, _) = match attempt::<T>(&value) {
            Ok(read) => return (Some(read), faults),
            Err(wrong) => wrong,
        };
        let mended = match fault.code.as_str() {
            "unknown-field" => removed(&mut value, &fault.pointer),
            _ => stand_in::<T>(&mut value, &mut fault),
        };
        // What is wrong within a stand-in is not the client's.
        if !faults.iter().any(|known| is_within(&fault.pointer, &known.pointer)) {
            faults.push(fault);
        }
        if !mended {
            break;
        }
    }
    (None, faults)
}

/// What was read, or the first mistake and serde's sentence about it.
fn attempt<T: DeserializeOwned>(value: &Value) -> Result<T, (FieldError, String)> {
    serde_path_to_error::deserialize(value).map_err(|error| {
        let message = error.inner().to_string();
        (words::fault(&pointer(error.path()), &message), message)
    })
}

/// Puts something there with which the reader comes further. What fits also tells which form is expected, where serde
/// does not.
fn stand_in<T: DeserializeOwned>(value: &mut Value, fault: &mut FieldError) -> bool {
    let forms = [
        (json!("01987f3a-5b10-7c3e-9d3f-2f61a7c1d0e5"), None),
        (json!("2026-11-28T09:30:00Z"), Some(words::TIME)),
        (json!("2026-11-28"), Some(words::DATE)),
        (json!(0), Some("a number")),
        (json!(1), Some("a number")),
        (json!(false), None),
        (json!([]), None),
        (json!({}), None),
        (Value::Null, None),
    ];
    for (candidate, form) in forms {
        match fits::<T>(value, &fault.pointer, candidate) {
            Fit::Good => {
                if let Some(form) = form.filter(|_| fault.detail == words::UNTOLD) {
                    fault.detail = format!("expected {form}");
                }
                return true;
            }
            Fit::Bad(Some(possible)) => {
                return matches!(fits::<T>(value, &fault.pointer, Value::String(possible)), Fit::Good);
            }
            Fit::Bad(None) => {}
        }
    }
    false
}

enum Fit {
    Good,
    /// And something else that would do, if serde names any.
    Bad(Option<String>),
}

fn fits<T: DeserializeOwned>(value: &mut Value, pointer: &str, candidate: Value) -> Fit {
    if !placed(value, pointer, candidate) {
        return Fit::Bad(None);
    }
    match attempt::<T>(value) {
        Ok(_) => Fit::Good,
        // What is wrong further below is another mistake.
        Err((fault, message)) if fault.pointer == pointer => {
            let possible = (fault.code == "unknown-value").then(|| words::possible(&message)).flatten();
            Fit::Bad(possible.map(str::to_owned))
        }
        Err(_) => Fit::Good,
    }
}

/// Whether a place is another or a part of it.
pub fn is_within(place: &str, whole: &str) -> bool {
    place.strip_prefix(whole).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

fn placed(value: &mut Value, pointer: &str, candidate: Value) -> bool {
    if let Some(place) = value.pointer_mut(pointer) {
        *place = candidate;
        return !pointer.is_empty();
    }
    let Some((members, name)) = parent(value, pointer) else { return false };
    members.insert(name, candidate);
    true
}

fn removed(value: &mut Value, pointer: &str) -> bool {
    parent(value, pointer).is_some_and(|(members, name)| members.remove(&name).is_some())
}

fn parent<'a>(value: &'a mut Value, pointer: &str) -> Option<(&'a mut Map<String, Value>, String)> {
    let (parent, name) = pointer.rsplit_once('/')?;
    let name = name.replace("~1", "/").replace("~0", "~");
    Some((value.pointer_mut(parent)?.as_object_mut()?, name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::{DateTime, NaiveDate, Utc};
    use serde::Deserialize;
    use uuid::Uuid;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only whether it can be read matters")]
    struct Body {
        name: String,
        id: Uuid,
        at: DateTime<Utc>,
        day: Option<NaiveDate>,
        count: Option<u32>,
        word: Word,
        tags: Vec<Tag>,
    }

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only whether it can be read matters")]
    struct Tag {
        size: f64,
    }

    #[derive(Debug, Deserialize)]
    #[serde(rename_all = "snake_case")]
    enum Word {
        Dark,
        Light,
    }

    fn told(value: Value) -> Vec<(String, String)> {
        let (_, faults) = read::<Body>(value, MOST);
        let mut told: Vec<_> = faults.into_iter().map(|fault| (fault.pointer, fault.detail)).collect();
        told.sort();
        told
    }

    fn expected(list: &[(&str, &str)]) -> Vec<(String, String)> {
        list.iter().map(|(pointer, detail)| ((*pointer).to_owned(), (*detail).to_owned())).collect()
    }

    #[test]
    fn every_missing_member_is_told() {
        let required = "this field is required";
        let all = ["/at", "/id", "/name", "/tags", "/word"].map(|pointer| (pointer, required));

        assert_eq!(told(json!({})), expected(&all));
    }

    #[test]
    fn every_mistake_is_told_with_the_form_that_is_expected() {
        let body = json!({ "name": 1, "id": "x", "at": "yesterday", "day": "1.2.2026", "count": -1, "word": "red",
            "tags": [{ "size": "big" }, { "size": 1, "colour": 2 }, 7, {}], "more": true });

        let names = "`name`, `id`, `at`, `day`, `count`, `word`, `tags`";
        assert_eq!(
            told(body),
            expected(&[
                ("/at", "expected a time in RFC 3339 such as 2026-11-28T09:30:00Z"),
                ("/count", "expected a whole number from 0 to 4294967295"),
                ("/day", "expected a date such as 2026-11-28"),
                ("/id", "expected a UUID such as 01987f3a-5b10-7c3e-9d3f-2f61a7c1d0e5"),
                ("/more", &format!("this field is unknown; expected one of {names}")),
                ("/name", "expected a string"),
                ("/tags/0/size", "expected a number"),
                ("/tags/1/colour", "this field is unknown; expected `size`"),
                ("/tags/2", "expected an object"),
                ("/tags/3/size", "this field is required"),
                ("/word", "expected `dark` or `light`"),
            ])
        );
    }

    #[test]
    fn what_is_right_is_read_without_faults() {
        let body = json!({ "name": "x", "id": Uuid::nil(), "at": "2026-11-28T09:30:00Z", "word": "dark", "tags": [] });
        let (read, faults) = read::<Body>(body, MOST);

        assert!(read.is_some() && faults.is_empty());
    }

    #[test]
    fn of_a_large_body_fewer_mistakes_are_told() {
        assert_eq!([0, 1_000, 8_192, 65_536, 1 << 20].map(most), [MOST, MOST, MOST, 4, 4]);
    }

    #[test]
    fn reader_ends_however_many_mistakes_there_are() {
        let tags: Vec<Value> = (0..1_000).map(|_| json!({ "x": 1 })).collect();

        assert_eq!(told(json!({ "tags": tags, "a`b": 1 })).len(), MOST);
    }
}
