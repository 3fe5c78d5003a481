//! Reading JSON member by member, and telling everything that is wrong with it at once.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::{fmt, ops::RangeInclusive};

/// One thing that is wrong with a criterion.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fault {
    /// JSON Pointer (RFC 6901) into the criterion; empty is the criterion itself.
    pub pointer: String,
    /// A sentence.
    pub detail: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.pointer, self.detail)
    }
}

/// The faults found so far.
#[derive(Default)]
pub(super) struct Faults(pub Vec<Fault>);

impl Faults {
    pub fn add(&mut self, pointer: impl Into<String>, detail: impl Into<String>) {
        self.0.push(Fault { pointer: pointer.into(), detail: detail.into() });
    }
}

/// An object of the criterion. Each reader adds a fault and answers none where it finds something else.
pub(super) struct Object<'a> {
    members: &'a Map<String, Value>,
    pointer: String,
}

impl<'a> Object<'a> {
    /// `what` it should be, with its article.
    pub fn of(value: &'a Value, pointer: String, what: &str, faults: &mut Faults) -> Option<Self> {
        let Some(members) = value.as_object() else {
            faults.add(pointer, format!("{what} must be a JSON object"));
            return None;
        };
        Some(Self { members, pointer })
    }

    pub fn at(&self, member: &str) -> String {
        format!("{}/{}", self.pointer, member.replace('~', "~0").replace('/', "~1"))
    }

    pub fn get(&self, member: &str) -> Option<&'a Value> {
        self.members.get(member)
    }

    /// A member that has to be there.
    pub fn require(&self, member: &str, faults: &mut Faults) -> Option<&'a Value> {
        let value = self.get(member);
        if value.is_none() {
            faults.add(self.at(member), format!("{member} is missing"));
        }
        value
    }

    /// No member besides these.
    pub fn only(&self, what: &str, known: &[&str], faults: &mut Faults) {
        for member in self.members.keys().filter(|member| !known.contains(&member.as_str())) {
            faults.add(
                self.at(member),
                format!("{what} does not have this field; its fields are {}", known.join(", ")),
            );
        }
    }

    /// A required whole number; `10.0` is one, as JSON Schema has it.
    pub fn integer(&self, member: &str, range: RangeInclusive<i64>, faults: &mut Faults) -> Option<i64> {
        let number = whole(self.require(member, faults)?).filter(|number| range.contains(number));
        if number.is_none() {
            let (least, most) = (range.start(), range.end());
            faults.add(self.at(member), format!("{member} must be a whole number from {least} to {most}"));
        }
        number
    }

    /// A required word of a closed list.
    pub fn word<T>(
        &self,
        member: &str,
        words: &[T],
        name: fn(T) -> &'static str,
        faults: &mut Faults,
    ) -> Option<T>
    where
        T: Copy,
    {
        word(self.require(member, faults)?, self.at(member), member, words, name, faults)
    }

    /// A required list of so many items.
    pub fn list(
        &self,
        member: &str,
        lengths: RangeInclusive<usize>,
        faults: &mut Faults,
    ) -> Option<&'a Vec<Value>> {
        let list = self.require(member, faults)?.as_array().filter(|list| lengths.contains(&list.len()));
        if list.is_none() {
            let (least, most) = (lengths.start(), lengths.end());
            faults.add(self.at(member), format!("{member} must be a list of {least} to {most} items"));
        }
        list
    }

    /// One line of text of at most so many characters, which may be absent.
    pub fn line(&self, member: &str, most: usize, faults: &mut Faults) -> Option<String> {
        let value = self.get(member)?;
        let line =
            value.as_str().filter(|text| text.chars().count() <= most && !text.contains(char::is_control));
        if line.is_none() {
            faults.add(self.at(member), format!("{member} must be one line of at most {most} characters"));
        }
        line.map(str::to_owned)
    }
}

/// A word of a closed list.
pub(super) fn word<T: Copy>(
    value: &Value,
    pointer: String,
    what: &str,
    words: &[T],
    name: fn(T) -> &'static str,
    faults: &mut Faults,
) -> Option<T> {
    let found =
        value.as_str().and_then(|text| words.iter().copied().find(|candidate| name(*candidate) == text));
    if found.is_none() {
        let names: Vec<_> = words.iter().copied().map(name).collect();
        faults.add(pointer, format!("{what} must be one of {}", names.join(", ")));
    }
    found
}

/// The whole number that a JSON number is, within ±2^53 (RFC 8259, section 6).
fn whole(value: &Value) -> Option<i64> {
    const EXACT: f64 = 9_007_199_254_740_992.0;

    if let Some(number) = value.as_i64() {
        return Some(number);
    }
    let number = value.as_f64().filter(|number| number.fract() == 0.0 && number.abs() <= EXACT)?;
    format!("{number:.0}").parse().ok()
}
