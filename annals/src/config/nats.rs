//! Names of streams and subjects.

use super::{Values, token};
use anyhow::Result;
use bus::{Names, ingest};

#[derive(Debug)]
pub struct Nats {
    /// Of the events.
    pub events: Names,
    /// Of what services publish.
    pub ingest: ingest::Names,
}

pub(super) fn nats(values: &Values) -> Result<Nats> {
    Ok(Nats {
        events: Names {
            stream: token(values, "nats.stream", &[])?,
            prefix: token(values, "nats.subject", &['.'])?,
        },
        ingest: ingest::Names {
            stream: token(values, "nats.ingest_stream", &[])?,
            prefix: token(values, "nats.ingest_subject", &['.'])?,
        },
    })
}

impl Nats {
    /// Whether the users of the embedded NATS know them: others are not in their permissions.
    pub fn are_usual(&self) -> bool {
        self.events == Names::default() && self.ingest == ingest::Names::default()
    }
}
