//! Who did it, from where, within what: the same for all events of a command.

use chrono::{DateTime, SecondsFormat, Utc};
use domain::{EventId, Subject};
use serde_json::{Map, Value};

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
    /// The log's text for one event; `seal` turns a personal value into its sealed form.
    pub(crate) fn render<E>(
        &self,
        event: EventId,
        mut seal: impl FnMut(Subject, &str) -> Result<String, E>,
    ) -> Result<String, E> {
        let mut map = Map::new();
        map.insert("event_id".into(), Value::String(event.to_string()));
        let occurred_at = self.occurred_at.to_rfc3339_opts(SecondsFormat::Micros, true);
        map.insert("occurred_at".into(), Value::String(occurred_at));
        for (name, value) in &self.clear {
            map.insert((*name).into(), Value::String(value.clone()));
        }
        if let Some((subject, entries)) = &self.personal {
            for (name, value) in entries {
                let sealed = seal(*subject, value)?;
                map.insert((*name).into(), Value::String(format!("{SEALED_ENTRY}{subject}:{sealed}")));
            }
        }
        Ok(Value::Object(map).to_string())
    }
}
