//! The connection to NATS: it may be down at any time, also at the start, and comes back by itself.

use crate::{
    error::BusError,
    names::Names,
    version,
    wire::{self, LogKey},
};
use async_nats::{
    Client, ConnectOptions, Event, ServerAddr, Subscriber,
    connection::State,
    jetstream::{Context, ContextBuilder},
};
use secrecy::{ExposeSecret, SecretBox};
use std::{sync::Arc, time::Duration};
use store::LogId;
use tokio::sync::watch;

/// How to reach NATS, and whose events go over it.
pub struct Options {
    /// `nats://user:password@host:port`; several, separated by commas, for a cluster.
    pub url: String,
    pub names: Names,
    /// Shared by all nodes of one installation: whoever has it can invent events for followers.
    pub cluster_key: SecretBox<[u8; 32]>,
    pub log: LogId,
}

/// A connection with one user's rights: the relay's user publishes, the roles' user subscribes. Cheap to clone.
#[derive(Clone)]
pub struct Bus(Arc<Inner>);

struct Inner {
    client: Client,
    jetstream: Context,
    names: Names,
    cluster_key: SecretBox<[u8; 32]>,
    key: LogKey,
    link: watch::Receiver<u64>,
}

/// Two of these unanswered, and the connection counts as lost.
const PING: Duration = Duration::from_secs(5);
const RECONNECT_WITHIN: Duration = Duration::from_millis(500);
/// How long JetStream may take to answer before it is asked again.
const ANSWER_WITHIN: Duration = Duration::from_secs(2);
/// Messages that wait for one slow subscriber; it loses what comes beyond, notices, and reads the log.
const SUBSCRIPTION_CAPACITY: usize = 8192;
const ACKS_IN_FLIGHT: usize = 16 * 1024;

impl Bus {
    /// Sets up the connection. It is made in the background, so this succeeds also while NATS is down.
    ///
    /// # Errors
    /// [`BusError::Url`] if the URL cannot be read.
    pub async fn connect(options: Options) -> Result<Self, BusError> {
        let servers = servers(&options.url)?;
        let (changes, link) = watch::channel(0);
        let client = credentials(&servers)
            .name("annals")
            .retry_on_initial_connect()
            .max_reconnects(None)
            .reconnect_delay_callback(reconnect_delay)
            .ping_interval(PING)
            .subscription_capacity(SUBSCRIPTION_CAPACITY)
            .event_callback(move |event| {
                note(&changes, &event);
                std::future::ready(())
            })
            .connect(servers)
            .await
            .map_err(BusError::nats("connect"))?;
        let jetstream = ContextBuilder::new()
            .timeout(ANSWER_WITHIN)
            .ack_timeout(ANSWER_WITHIN)
            .max_ack_inflight(ACKS_IN_FLIGHT)
            .backpressure_on_inflight(true)
            .build(client.clone());
        let key = LogKey::new(options.cluster_key.expose_secret(), options.log);
        let Options { names, cluster_key, .. } = options;
        Ok(Self(Arc::new(Inner { client, jetstream, names, cluster_key, key, link })))
    }

    /// Whether NATS can be reached now.
    pub fn is_connected(&self) -> bool {
        self.0.client.connection_state() == State::Connected
    }

    /// A warning about the server's version; none if it is new enough or was not reached yet.
    pub fn server_warning(&self) -> Option<String> {
        version::warning(&self.0.client.server_info().version)
    }

    /// Returns when NATS can be reached.
    pub async fn connected(&self) {
        let mut link = self.link();
        while !self.is_connected() {
            // The event may come before the state that it announces: look again without one, too.
            let _ = tokio::time::timeout(Duration::from_millis(20), link.changed()).await;
        }
    }

    pub fn names(&self) -> &Names {
        &self.0.names
    }

    /// Changes whenever the connection is lost or made.
    pub(crate) fn link(&self) -> watch::Receiver<u64> {
        let mut link = self.0.link.clone();
        link.mark_unchanged();
        link
    }

    pub(crate) fn jetstream(&self) -> &Context {
        &self.0.jetstream
    }

    pub(crate) fn key(&self) -> &LogKey {
        &self.0.key
    }

    /// The key under which another log's messages would be true.
    pub(crate) fn key_of(&self, log: LogId) -> LogKey {
        LogKey::new(self.0.cluster_key.expose_secret(), log)
    }

    /// The longest body that goes into a message; a server may allow less than is usual.
    pub(crate) fn body_limit(&self) -> usize {
        wire::BODY_LIMIT.min(self.0.client.max_payload() / 2)
    }

    /// All events from about now on: plain NATS, nothing is acknowledged and nothing is kept for us.
    pub(crate) async fn subscribe(&self) -> Result<Subscriber, BusError> {
        self.0.client.subscribe(self.0.names.all()).await.map_err(BusError::nats("subscribe"))
    }
}

/// A warning about the version of the server at this URL.
///
/// # Errors
/// If it cannot be reached.
pub async fn server_warning(url: &str) -> Result<Option<String>, BusError> {
    let servers = servers(url)?;
    let client = credentials(&servers).connect(servers).await.map_err(BusError::nats("connect"))?;
    Ok(version::warning(&client.server_info().version))
}

/// Hosts of this list of URLs with which TLS is not asked for.
///
/// # Errors
/// [`BusError::Url`] if a URL cannot be read.
pub fn hosts_in_clear(url: &str) -> Result<Vec<String>, BusError> {
    let servers = servers(url)?;
    Ok(servers
        .iter()
        .filter(|server| !server.tls_required())
        .map(|server| server.host().to_owned())
        .collect())
}

/// The servers of a list of URLs separated by commas.
pub(crate) fn servers(url: &str) -> Result<Vec<ServerAddr>, BusError> {
    url.split(',').map(|url| url.trim().parse()).collect::<Result<_, _>>().map_err(BusError::Url)
}

/// TLS where one URL asks for it, and the credentials in the first URL that has any (the client library does not look
/// there). A user without a password is a token.
pub(crate) fn credentials(servers: &[ServerAddr]) -> ConnectOptions {
    // Servers that one of these tells of later have no scheme of their own: they are spoken to as it is.
    let options = ConnectOptions::new().require_tls(servers.iter().any(ServerAddr::tls_required));
    let Some(server) = servers.iter().find(|server| server.has_user_pass()) else { return options };
    match (server.username().map(percent_decoded), server.password().map(percent_decoded)) {
        (Some(user), Some(password)) => options.user_and_password(user, password),
        (Some(token), None) => options.token(token),
        (None, _) => options,
    }
}

fn percent_decoded(text: &str) -> String {
    let mut parts = text.split('%');
    let mut bytes = parts.next().unwrap_or_default().as_bytes().to_vec();
    for part in parts {
        let (code, rest) = part.split_at_checked(2).unwrap_or(("", part));
        match u8::from_str_radix(code, 16) {
            Ok(byte) => bytes.push(byte),
            Err(_) => bytes.extend([b"%", code.as_bytes()].concat()),
        }
        bytes.extend(rest.as_bytes());
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn note(changes: &watch::Sender<u64>, event: &Event) {
    match event {
        Event::Connected | Event::Disconnected | Event::Closed => changes.send_modify(|n| *n += 1),
        Event::SlowConsumer(_) => tracing::debug!("a follower is slower than NATS and will read the log"),
        other => tracing::debug!(event = %other, "NATS"),
    }
}

fn reconnect_delay(attempt: usize) -> Duration {
    let exponent = u32::try_from(attempt).unwrap_or(u32::MAX).min(10);
    Duration::from_millis(2_u64.pow(exponent)).min(RECONNECT_WITHIN)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn password_may_hold_any_character() {
        assert_eq!(percent_decoded("p%40ss%2Fw%3Ard"), "p@ss/w:rd");
        assert_eq!(percent_decoded("100%25"), "100%");
        assert_eq!(percent_decoded("50%"), "50%");
        assert_eq!(percent_decoded("caf%C3%A9"), "café");
    }
}
