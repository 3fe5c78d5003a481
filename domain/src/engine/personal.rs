//! Personal data inside events, sealed under its subject's own key at the store's edge.
//!
//! On the wire a value is an object marked by `~p`, which names the subject. **Frozen**:
//! `{"~p": subject, "value": …}` in memory before sealing, `{"~p": subject, "sealed": "…"}` in the log,
//! `{"~p": subject, "erased": true}` once the subject's key is destroyed.
//! Deserialising needs no keys, so any reader of the log can load any stream.

use crate::ids::Subject;
use serde::{Deserialize, Deserializer, Serialize, Serializer, ser::SerializeMap};
use std::fmt;

/// The field that marks a personal value and names its subject.
pub const MARKER: &str = "~p";

/// A value about a person. Free text and opaque JSON by or about a person is `Personal`, whole.
#[derive(Clone, PartialEq, Eq)]
pub enum Personal<T> {
    /// Readable: not sealed yet, or opened with the subject's key.
    Known { subject: Subject, value: T },
    /// Ciphertext, and no key here.
    Sealed { subject: Subject, sealed: String },
    /// The subject's key was destroyed; nobody can read it again.
    Erased { subject: Subject },
}

impl<T> Personal<T> {
    pub const fn new(subject: Subject, value: T) -> Self {
        Self::Known { subject, value }
    }

    pub const fn subject(&self) -> Subject {
        match self {
            Self::Known { subject, .. } | Self::Sealed { subject, .. } | Self::Erased { subject } => *subject,
        }
    }

    /// The value, if it can be read here.
    pub const fn known(&self) -> Option<&T> {
        match self {
            Self::Known { value, .. } => Some(value),
            Self::Sealed { .. } | Self::Erased { .. } => None,
        }
    }

    /// True if it is readable and equal to `value`.
    pub fn is(&self, value: &T) -> bool
    where
        T: PartialEq,
    {
        self.known() == Some(value)
    }
}

/// What nobody can read and is about nobody: the state before the first event.
impl<T> Default for Personal<T> {
    fn default() -> Self {
        Self::Erased { subject: Subject::default() }
    }
}

/// Never prints the value: a debug line of an event may reach a log.
impl<T> fmt::Debug for Personal<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = match self {
            Self::Known { .. } => "known",
            Self::Sealed { .. } => "sealed",
            Self::Erased { .. } => "erased",
        };
        write!(f, "Personal({}, {state})", self.subject())
    }
}

impl<T: Serialize> Serialize for Personal<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(2))?;
        map.serialize_entry(MARKER, &self.subject())?;
        match self {
            Self::Known { value, .. } => map.serialize_entry("value", value)?,
            Self::Sealed { sealed, .. } => map.serialize_entry("sealed", sealed)?,
            Self::Erased { .. } => map.serialize_entry("erased", &true)?,
        }
        map.end()
    }
}

#[derive(Deserialize)]
struct Wire<T> {
    #[serde(rename = "~p")]
    subject: Subject,
    #[serde(default = "none")]
    value: Option<T>,
    sealed: Option<String>,
}

const fn none<T>() -> Option<T> {
    None
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Personal<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Wire { subject, value, sealed } = Wire::deserialize(deserializer)?;
        Ok(match (value, sealed) {
            (Some(value), _) => Self::Known { subject, value },
            (None, Some(sealed)) => Self::Sealed { subject, sealed },
            (None, None) => Self::Erased { subject },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn subject() -> Subject {
        Subject::from_uuid(uuid::Uuid::from_u128(7))
    }

    #[test]
    fn every_state_survives_json() {
        for value in [
            Personal::new(subject(), "Jane".to_owned()),
            Personal::Sealed { subject: subject(), sealed: "v1.abc".to_owned() },
            Personal::Erased { subject: subject() },
        ] {
            let text = serde_json::to_string(&value).unwrap();
            assert_eq!(serde_json::from_str::<Personal<String>>(&text).unwrap(), value);
        }
    }

    #[test]
    fn deserialises_ciphertext_of_any_type_without_a_key() {
        let sealed = json!({ MARKER: subject(), "sealed": "v1.abc" });

        let read: Personal<chrono::NaiveDate> = serde_json::from_value(sealed).unwrap();

        assert_eq!(read.known(), None);
    }

    #[test]
    fn debug_output_never_shows_the_value() {
        let shown = format!("{:?}", Personal::new(subject(), "jane@example.com".to_owned()));

        assert!(!shown.contains("jane"), "{shown}");
    }
}
