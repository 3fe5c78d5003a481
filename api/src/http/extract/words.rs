//! What serde says of a body or a query, in the words of JSON and of this API: no type of the program's language is named.
//!
//! This is the one place that reads serde's sentences. Nothing that was sent is in what it returns but names of members.

use crate::problem::FieldError;

pub const UUID: &str = "a UUID such as 01987f3a-5b10-7c3e-9d3f-2f61a7c1d0e5";
pub const TIME: &str = "a time in RFC 3339 such as 2026-11-28T09:30:00Z";
pub const DATE: &str = "a date such as 2026-11-28";

/// What a sentence of serde says is wrong at a JSON pointer.
pub fn fault(pointer: &str, message: &str) -> FieldError {
    let message = message.split(" at line ").next().unwrap_or(message);
    let name = || super::json::escaped(named(message));
    if message.starts_with("missing field") {
        FieldError::new(format!("{pointer}/{}", name()), "missing", "this field is required")
    } else if message.starts_with("unknown field") {
        let detail = match expectation(message) {
            Some(names) => format!("this field is unknown; expected {names}"),
            None => "this field is unknown; no fields are expected".to_owned(),
        };
        FieldError::new(below(pointer, &name()), "unknown-field", detail)
    } else if message.starts_with("duplicate field") {
        FieldError::new(below(pointer, &name()), "repeated", REPEATED)
    } else if message.starts_with("unknown variant") {
        FieldError::new(pointer, "unknown-value", expected(message))
    } else if message.starts_with("invalid type") || message.starts_with("invalid length") {
        FieldError::new(pointer, "wrong-type", expected(message))
    } else if message.starts_with("invalid value") {
        FieldError::new(pointer, "invalid", expected(message))
    } else if message.starts_with("UUID parsing failed") {
        FieldError::new(pointer, "invalid", format!("expected {UUID}"))
    } else {
        FieldError::new(pointer, "invalid", UNTOLD)
    }
}

/// Where serde does not tell what was expected.
pub const UNTOLD: &str = "this value has the wrong form";
pub const REPEATED: &str = "this field is given twice";

fn expected(message: &str) -> String {
    expectation(message).map_or_else(|| UNTOLD.to_owned(), |what| format!("expected {what}"))
}

/// The name between back-ticks, which may hold some itself.
fn named(message: &str) -> &str {
    let rest = message.split_once('`').map_or("", |(_, rest)| rest);
    let end = rest.rfind("`, expected ").or_else(|| rest.rfind("`, there are no fields"));
    let end = end.or_else(|| rest.rfind('`'));
    end.map_or(rest, |end| &rest[..end])
}

/// The first of the names that serde lists as possible, if it lists any.
pub fn possible(message: &str) -> Option<&str> {
    let (_, expected) = message.rsplit_once("expected ")?;
    expected.split('`').nth(1)
}

/// What was expected, if the sentence tells it.
fn expectation(message: &str) -> Option<String> {
    let (_, expected) = message.rsplit_once("expected ")?;
    let whole = |most: u64| format!("a whole number from 0 to {most}");
    Some(match expected {
        names if names.starts_with('`') || names.starts_with("one of `") => names.to_owned(),
        "u8" => whole(u8::MAX.into()),
        "u16" => whole(u16::MAX.into()),
        "u32" => whole(u32::MAX.into()),
        "u64" | "u128" | "usize" => "a whole number of 0 or more".to_owned(),
        "i8" | "i16" | "i32" | "i64" | "i128" | "isize" => "a whole number".to_owned(),
        "f32" | "f64" => "a number".to_owned(),
        "a boolean" => "true or false".to_owned(),
        "unit" | "null" => "null".to_owned(),
        form if form.contains("UUID") => UUID.to_owned(),
        form if form.contains("RFC 3339") || form.contains("date and time") => TIME.to_owned(),
        form if form.contains("date") => DATE.to_owned(),
        text if text.contains("string") || text.contains("variant") || text.contains("identifier") => {
            "a string".to_owned()
        }
        list if list.contains("sequence") || list.contains("tuple") => "a list".to_owned(),
        object if object.contains("map") || object.starts_with("struct") => "an object".to_owned(),
        _ => return None,
    })
}

/// The path of an unknown field sometimes ends with it and sometimes with its parent.
fn below(pointer: &str, name: &str) -> String {
    let tail = format!("/{name}");
    if pointer.ends_with(&tail) { pointer.to_owned() } else { format!("{pointer}{tail}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_are_told_in_the_words_of_json() {
        for (message, detail) in [
            ("invalid type: string \"x\", expected u64", "expected a whole number of 0 or more"),
            ("invalid value: integer `-1`, expected u32", "expected a whole number from 0 to 4294967295"),
            ("invalid type: map, expected i64", "expected a whole number"),
            ("invalid type: map, expected f64", "expected a number"),
            ("invalid type: integer `1`, expected a string", "expected a string"),
            ("invalid type: integer `1`, expected string or map", "expected a string"),
            ("invalid type: integer `1`, expected a boolean", "expected true or false"),
            ("invalid type: integer `1`, expected struct DeedRequest", "expected an object"),
            ("invalid type: integer `1`, expected a map", "expected an object"),
            ("invalid type: integer `1`, expected a sequence", "expected a list"),
            ("invalid length 0, expected struct Tag with 3 elements", "expected an object"),
            ("invalid type: map, expected unit", "expected null"),
            (
                "invalid type: integer `1`, expected a formatted date string",
                "expected a date such as 2026-11-28",
            ),
            ("invalid type: map, expected enum Theme", UNTOLD),
            ("premature end of input", UNTOLD),
        ] {
            assert_eq!(fault("/a", message).detail, detail, "{message}");
        }
        for (message, form) in [
            ("invalid type: integer `1`, expected a formatted UUID string", UUID),
            ("UUID parsing failed: invalid length: expected length 32 for simple format, found 1", UUID),
            ("invalid type: integer `1`, expected an RFC 3339 formatted date and time string", TIME),
        ] {
            assert_eq!(fault("/a", message).detail, format!("expected {form}"), "{message}");
        }
    }

    #[test]
    fn names_of_members_and_values_are_kept() {
        let unknown = fault("", "unknown field `x`, expected one of `a`, `b`");
        assert_eq!(unknown.detail, "this field is unknown; expected one of `a`, `b`");
        let none = fault("", "unknown field `x`, there are no fields");
        assert_eq!(none.detail, "this field is unknown; no fields are expected");
        let value = fault("/theme", "unknown variant `pink`, expected one of `light`, `dark`");
        assert_eq!(value.detail, "expected one of `light`, `dark`");
        assert_eq!(possible("unknown variant `pink`, expected one of `light`, `dark`"), Some("light"));
    }
}
