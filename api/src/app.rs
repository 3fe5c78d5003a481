//! The services that handlers use: built by the composition root, cheap to clone.

use crate::{
    asyncapi,
    bots::BotOptions,
    connections::ConnectionLimits,
    edge::{Edge, front::Front},
    kept::Shelf,
    operations::timetable::Schedules,
    tokens::Tokens,
};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use commands::{Clock, Commands, Mint, Quota};
use projections::{LiveEvents, Queries, SessionActivity};
use secrecy::SecretSlice;
use serde::Serialize;
use std::{sync::Arc, time::Duration};
use utoipa::ToSchema;

/// How the HTTP edge behaves.
#[derive(Clone, Debug)]
pub struct HttpOptions {
    /// The largest body, in bytes.
    pub body_limit: usize,
    /// Until a request's head has arrived; then the connection is closed.
    pub head_timeout: Duration,
    /// Until the whole body has arrived; later is 408.
    pub body_timeout: Duration,
    /// Until the reply is ready; later is 503.
    pub request_timeout: Duration,
    /// Without the client taking any of its reply; then the connection is closed.
    pub reply_timeout: Duration,
    pub connections: ConnectionLimits,
    /// How long a command's reply waits for the read models that its resource is read from.
    pub fresh_within: Duration,
    /// How long accepted requests may take after the shutdown began.
    pub drain_within: Duration,
    /// HMAC key of the fingerprints that `Idempotency-Key`s are compared by; the same on every node.
    pub fingerprint_key: SecretSlice<u8>,
    pub front: Front,
    pub bots: BotOptions,
    /// Where people find this API from outside, without a slash at its end; none: links are relative.
    pub public_url: Option<String>,
}

impl HttpOptions {
    pub fn new(fingerprint_key: SecretSlice<u8>) -> Self {
        Self {
            head_timeout: Duration::from_secs(30),
            body_limit: 64 * 1024,
            body_timeout: Duration::from_secs(20),
            request_timeout: Duration::from_secs(30),
            reply_timeout: Duration::from_secs(30),
            connections: ConnectionLimits::default(),
            fresh_within: Duration::from_millis(500),
            drain_within: Duration::from_secs(10),
            fingerprint_key,
            front: Front::default(),
            bots: BotOptions::default(),
            public_url: None,
        }
    }
}

/// Says whether this process can do its work (OPS-02).
#[async_trait]
pub trait Readiness: Send + Sync + 'static {
    /// Each in bounded time: the answer is waited for.
    async fn check(&self) -> Vec<Check>;
}

/// One thing that this process needs.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Check {
    #[schema(example = "postgres")]
    pub name: String,
    pub ok: bool,
    /// For operators: no addresses, no credentials.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
}

/// Renders all metrics of this process as Prometheus text.
pub type MetricsText = Arc<dyn Fn() -> String + Send + Sync>;

/// Everything that the composition root puts into an [`App`].
pub struct Parts {
    pub commands: Commands,
    pub quota: Quota,
    pub queries: Queries,
    /// Ended by the composition root, so that no stream keeps a shutdown waiting.
    pub live: LiveEvents,
    /// Its task is the composition root's to run.
    pub activity: SessionActivity,
    pub tokens: Tokens,
    pub readiness: Arc<dyn Readiness>,
    pub schedules: Arc<dyn Schedules>,
    /// None: they are not on the API's address.
    pub metrics: Option<MetricsText>,
}

/// The state of every handler.
#[derive(Clone)]
pub struct App(Arc<Inner>);

struct Inner {
    parts: Parts,
    asyncapi: String,
    shelf: Shelf,
    edge: Edge,
}

impl App {
    /// `published` is what is published over NATS, as an AsyncAPI document.
    pub fn new(
        parts: Parts,
        options: HttpOptions,
        (clock, mint): (Arc<dyn Clock>, Arc<dyn Mint>),
        published: serde_json::Value,
    ) -> Self {
        let (edge, asyncapi) = (Edge::new(options, clock, mint), asyncapi::text(published));
        Self(Arc::new(Inner { parts, asyncapi, shelf: Shelf::default(), edge }))
    }

    /// The use cases of every area.
    pub fn commands(&self) -> &Commands {
        &self.0.parts.commands
    }

    pub fn quota(&self) -> &Quota {
        &self.0.parts.quota
    }

    pub fn queries(&self) -> &Queries {
        &self.0.parts.queries
    }

    /// Events as they are committed.
    pub fn live(&self) -> &LiveEvents {
        &self.0.parts.live
    }

    pub fn activity(&self) -> &SessionActivity {
        &self.0.parts.activity
    }

    pub fn tokens(&self) -> &Tokens {
        &self.0.parts.tokens
    }

    /// What is done at certain times.
    pub fn schedules(&self) -> &dyn Schedules {
        &*self.0.parts.schedules
    }

    /// The AsyncAPI document as JSON text.
    pub fn asyncapi(&self) -> &str {
        &self.0.asyncapi
    }

    /// Texts that are the same for everybody.
    pub fn shelf(&self) -> &Shelf {
        &self.0.shelf
    }

    pub fn edge(&self) -> &Edge {
        &self.0.edge
    }

    pub fn options(&self) -> &HttpOptions {
        self.edge().options()
    }

    pub fn now(&self) -> DateTime<Utc> {
        self.edge().now()
    }

    pub fn metrics(&self) -> Option<String> {
        self.0.parts.metrics.as_ref().map(|text| text())
    }

    pub async fn readiness(&self) -> Vec<Check> {
        self.0.parts.readiness.check().await
    }
}
