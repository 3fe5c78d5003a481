//! Metadata of a command: who, from where, in which request; the same for all of its events.

use chrono::{DateTime, SecondsFormat, Utc};
use domain::{EventId, Subject};
use serde::{Serialize, Serializer};
use std::borrow::Cow;

/// Metadata of a command's events. On the wire a flat JSON object of strings, because cqrs-es reads it as one;
/// a personal entry is one string `~p:<subject>:<sealed>`.
#[derive(Clone, Debug, Default)]
pub struct Metadata {
    /// The caller's business time.
    pub occurred_at: DateTime<Utc>,
    /// `actor`, `session_id`, `request_id`, `correlation_id`, `causation_id`, `traceparent`.
    pub clear: Vec<(&'static str, String)>,
    /// `ip`, `user_agent`.
    pub personal: Option<(Subject, Vec<(&'static str, String)>)>,
}

/// How a personal entry starts.
pub(crate) const SEALED_ENTRY: &str = "~p:";

impl Metadata {
    /// The metadata of one event; `seal` encrypts a personal value.
    pub(crate) fn entries<E>(
        &self,
        event: EventId,
        mut seal: impl FnMut(Subject, &str) -> Result<String, E>,
    ) -> Result<Entries<'_>, E> {
        let occurred_at = self.occurred_at.to_rfc3339_opts(SecondsFormat::Micros, true);
        let mut entries =
            vec![("event_id", Cow::Owned(event.to_string())), ("occurred_at", Cow::Owned(occurred_at))];
        entries.extend(self.clear.iter().map(|(name, value)| (*name, Cow::Borrowed(value.as_str()))));
        if let Some((subject, personal)) = &self.personal {
            for (name, value) in personal {
                let sealed = seal(*subject, value)?;
                entries.push((name, Cow::Owned(format!("{SEALED_ENTRY}{subject}:{sealed}"))));
            }
        }
        Ok(Entries(entries))
    }
}

/// A flat JSON object.
pub(crate) struct Entries<'a>(Vec<(&'static str, Cow<'a, str>)>);

impl Serialize for Entries<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, value)| (name, value)))
    }
}
