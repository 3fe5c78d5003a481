//! A JSON text as a value, and every member that is given twice, at whatever depth: readers differ in which of them
//! they believe (RFC 8259, section 4), so that none is.

use super::json::escaped;
use serde::de::{Deserialize, DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};
use std::{cell::RefCell, fmt};

/// What a text holds.
#[derive(Debug)]
pub struct Read {
    pub value: Value,
    /// JSON pointers, in the order of the text, each once.
    pub repeated: Vec<String>,
}

/// # Errors
/// What serde_json says about a text that is none.
pub fn read(text: &str) -> Result<Read, serde_json::Error> {
    let repeated = RefCell::new(Vec::new());
    let mut reader = serde_json::Deserializer::from_str(text);
    let value = At { step: &Step::Root, repeated: &repeated }.deserialize(&mut reader)?;
    reader.end()?;
    Ok(Read { value, repeated: repeated.into_inner() })
}

/// Whether any field of a JSON text is given twice.
pub fn repeats(text: &[u8]) -> bool {
    let read = std::str::from_utf8(text).ok().and_then(|text| read(text).ok());
    read.is_some_and(|read| !read.repeated.is_empty())
}

/// Repeats that are told of one text.
const MOST: usize = 32;

/// Where the reader is.
struct At<'a> {
    step: &'a Step<'a>,
    repeated: &'a RefCell<Vec<String>>,
}

/// The way there. It is written out for a repeat only: a long name with many fields below it costs nothing more.
enum Step<'a> {
    Root,
    Member(&'a Step<'a>, &'a str),
    Item(&'a Step<'a>, usize),
}

impl Step<'_> {
    fn pointer(&self) -> String {
        match self {
            Self::Root => String::new(),
            Self::Member(parent, name) => format!("{}/{}", parent.pointer(), escaped(name)),
            Self::Item(parent, number) => format!("{}/{number}", parent.pointer()),
        }
    }
}

impl<'de> DeserializeSeed<'de> for At<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<Value, D::Error> {
        from.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for At<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON value")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Value, E> {
        Number::from_f64(value).map(Value::Number).ok_or_else(|| E::custom("a number out of range"))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut from: A) -> Result<Value, A::Error> {
        let mut items = Vec::new();
        loop {
            let step = Step::Item(self.step, items.len());
            match from.next_element_seed(At { step: &step, repeated: self.repeated })? {
                Some(item) => items.push(item),
                None => break,
            }
        }
        Ok(Value::Array(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut from: A) -> Result<Value, A::Error> {
        let mut members = Map::new();
        while let Some(name) = from.next_key_seed(Name)? {
            let step = Step::Member(self.step, &name);
            if members.contains_key(&name) && self.repeated.borrow().len() < MOST {
                let (pointer, mut repeated) = (step.pointer(), self.repeated.borrow_mut());
                if !repeated.contains(&pointer) {
                    repeated.push(pointer);
                }
            }
            let value = from.next_value_seed(At { step: &step, repeated: self.repeated })?;
            members.insert(name, value);
        }
        Ok(Value::Object(members))
    }
}

struct Name;

impl<'de> DeserializeSeed<'de> for Name {
    type Value = String;

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<String, D::Error> {
        String::deserialize(from)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_given_twice_are_found_at_any_depth() {
        let text = r#"{"a": 1, "b": {"x": [0, {"y": 1, "y": 2, "y": 3}], "c/d": 1, "c/d": 2}, "\u0061": 2}"#;

        assert_eq!(read(text).unwrap().repeated, ["/b/x/1/y", "/b/c~1d", "/a"]);
    }

    #[test]
    fn no_more_repeats_are_told_than_a_client_reads() {
        let members: Vec<String> = (0..500).map(|n| format!("\"{n}\": 1, \"{n}\": 2")).collect();
        let text = format!("{{\"{}\": {{{}}}}}", "k".repeat(30_000), members.join(","));

        assert_eq!(read(&text).unwrap().repeated.len(), MOST);
    }

    #[test]
    fn value_is_that_of_serde_json() {
        let text =
            r#"[null, true, -1, 18446744073709551615, 1.5e3, "\u00e9", {"a": {}}, 18446744073709551616]"#;
        let read = read(text).unwrap();

        assert_eq!(read.value, serde_json::from_str::<Value>(text).unwrap());
        assert!(read.repeated.is_empty());
        assert!(super::read("1e400").is_err() && super::read("{").is_err() && super::read("{} 1").is_err());
    }
}
