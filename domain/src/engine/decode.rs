//! The one way to read a recorded event: what aggregates, projections, reactors and the live feed all do.

use crate::aggregate::EventKind;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use thiserror::Error;

/// Why a recorded event cannot be read by this binary.
#[derive(Debug, Error)]
pub enum DecodeError {
    /// Written by a newer binary: whoever reads must stop, and never skip it.
    #[error("this binary does not know {aggregate}.{event_type} version {version}")]
    Unknown { aggregate: String, event_type: String, version: String },
    /// A known version whose payload does not fit: a defect.
    #[error("the payload of {aggregate}.{event_type} cannot be read: {source}")]
    Malformed { aggregate: String, event_type: String, source: serde_json::Error },
}

/// A version of an event that lies in the log and is not written any more.
#[derive(Clone, Copy, Debug)]
pub struct FormerVersion {
    pub kind: EventKind,
    /// The stored sample, which must decode for ever.
    pub sample: &'static str,
    /// Turns the members of its payload, sealed or opened, into those of the version that is written now.
    pub upcast: fn(&mut Map<String, Value>),
}

/// Reads a payload of the log, sealed or opened, in any version that the two lists name.
pub(crate) fn decode<E: DeserializeOwned>(
    (kinds, former): (&[EventKind], &[FormerVersion]),
    aggregate: &str,
    (event_type, version): (&str, &str),
    payload: &str,
) -> Result<E, DecodeError> {
    let is = |kind: &EventKind| kind.event_type == event_type && kind.version == version;
    let decoded = if kinds.iter().any(is) {
        serde_json::from_str(payload)
    } else if let Some(former) = former.iter().find(|former| is(&former.kind)) {
        serde_json::from_str(payload).and_then(|mut members| {
            (former.upcast)(&mut members);
            serde_json::from_value(Value::Object(members))
        })
    } else {
        return Err(DecodeError::Unknown {
            aggregate: aggregate.to_owned(),
            event_type: event_type.to_owned(),
            version: version.to_owned(),
        });
    };
    decoded.map_err(|source| DecodeError::Malformed {
        aggregate: aggregate.to_owned(),
        event_type: event_type.to_owned(),
        source,
    })
}
