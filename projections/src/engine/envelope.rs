//! An event as projections get it: decoded once, its personal values opened as far as their keys still exist.

use crate::projection::ProjectionError;
use domain::{AnyEvent, DecodeError, Personal, user::UserEvent};
use futures::{StreamExt, TryStreamExt, stream};
use std::{collections::HashMap, sync::Arc};
use store::{Opener, Recorded, StoreError};
use uuid::Uuid;

/// Events whose keys are looked up at the same time; more would only queue at the key store.
const OPENED_AT_ONCE: usize = 8;

pub(crate) struct Envelope {
    /// As it stands in the log, sealed.
    pub recorded: Arc<Recorded>,
    pub event: AnyEvent,
    /// Sealed entries stay sealed here.
    pub metadata: HashMap<String, String>,
    /// Opened; absent where there was none, or its person was erased.
    pub ip: Option<String>,
    pub user_agent: Option<String>,
}

impl Envelope {
    async fn open(opener: &Opener, recorded: Recorded) -> Result<Self, StoreError> {
        let payload = opener.open(&recorded).await?;
        let Recorded { aggregate_type, event_type, event_version, .. } = &recorded;
        let event = AnyEvent::decode(aggregate_type, event_type, event_version, &payload)?;
        let metadata = recorded.metadata();
        let ip = entry(opener, &recorded, metadata.get("ip")).await?;
        let user_agent = entry(opener, &recorded, metadata.get("user_agent")).await?;
        Ok(Self { recorded: Arc::new(recorded), event, metadata, ip, user_agent })
    }

    /// The person who is erased by this event.
    pub(crate) fn erased(&self) -> Option<Uuid> {
        match self.event.user() {
            Some(UserEvent::UserErased(_)) => self.stream_id().ok(),
            _ => None,
        }
    }

    /// The stream's id, where it is known to be a UUID: all of them are.
    pub(crate) fn stream_id(&self) -> Result<Uuid, ProjectionError> {
        let id = &self.recorded.aggregate_id;
        Uuid::parse_str(id).map_err(|_| ProjectionError::Event(format!("{id} is no id")))
    }
}

/// In order.
pub(crate) async fn open_all(opener: &Opener, events: Vec<Recorded>) -> Result<Vec<Envelope>, StoreError> {
    let opening = events.into_iter().map(|event| Envelope::open(opener, event));
    stream::iter(opening).buffered(OPENED_AT_ONCE).try_collect().await
}

/// True if this binary is too old for the event: the node must give up, never skip.
pub(crate) const fn is_unknown(error: &StoreError) -> bool {
    matches!(error, StoreError::Decode(DecodeError::Unknown { .. }))
}

/// For cursors and logs, which hold no personal data: a parser's own words may quote a value.
pub(crate) fn without_content(error: &StoreError) -> String {
    match error {
        StoreError::Decode(DecodeError::Malformed { aggregate, event_type, .. }) => {
            format!("the payload of {aggregate}.{event_type} cannot be read")
        }
        other => other.to_string(),
    }
}

/// What can be read of a personal text.
pub(crate) fn known(value: &Personal<String>) -> Option<String> {
    value.known().cloned()
}

async fn entry(
    opener: &Opener,
    recorded: &Recorded,
    entry: Option<&String>,
) -> Result<Option<String>, StoreError> {
    match entry {
        Some(entry) => opener.open_entry(recorded, entry).await,
        None => Ok(None),
    }
}
