//! The consumer of what waits, in the order in which it was published.

use super::Names;
use crate::{connection::Bus, error::BusError, names::token};
use async_nats::{
    HeaderMap, HeaderValue,
    jetstream::{
        self,
        consumer::{AckPolicy, DeliverPolicy, pull},
        context::ConsumerInfoErrorKind,
        message::PublishMessage,
    },
};
use futures::{FutureExt, StreamExt};
use std::time::Duration;

/// The durable consumer.
const CONSUMER: &str = "annals";
/// NATS's own header, by which a sender may name its message.
const MESSAGE_ID: &str = "Nats-Msg-Id";
/// Why it was refused: a code, kebab case.
pub const PROBLEM: &str = "annals-problem";
/// The exact errors, for people: pointers into the body and rules, without values.
pub const DETAIL: &str = "annals-detail";
/// The sender's `Nats-Msg-Id`.
pub const ID: &str = "annals-id";

/// The longest detail, in bytes.
const DETAIL_BYTES: usize = 2048;
/// Messages that are asked for at once.
const PULL: usize = 128;
const PULL_EXPIRES: Duration = Duration::from_secs(10);
/// Without a word for twice as long, the consumer counts as gone.
const HEARTBEAT: Duration = Duration::from_secs(2);
/// Longer than a healthy log takes for all messages in hand. What comes again all the same is recognised.
const ACK_WAIT: Duration = Duration::from_secs(60);

/// The waiting messages, read by one process at a time.
pub struct Inbox {
    bus: Bus,
    names: Names,
    messages: pull::Stream,
    /// How many messages came by now, as the consumer counts them.
    delivered: u64,
}

/// A message that waits; it stays if it is dropped.
pub struct Message {
    inner: jetstream::Message,
    service: String,
}

impl Inbox {
    /// Begins with the oldest message that waits, whoever read it before: the consumer is made anew, so that what
    /// another process left half done comes first and at once, and the order of messages stays.
    ///
    /// # Errors
    /// When NATS cannot be reached, or the stream is not there yet.
    pub async fn open(bus: &Bus, names: &Names) -> Result<Self, BusError> {
        let stream = bus.jetstream().get_stream(&names.stream).await;
        let stream = stream.map_err(BusError::nats("read the stream"))?;
        match stream.consumer_info(CONSUMER).await {
            Ok(_) => {
                let deleted = stream.delete_consumer(CONSUMER).await;
                deleted.map_err(BusError::nats("delete the consumer"))?;
            }
            Err(error) if error.kind() == ConsumerInfoErrorKind::NotFound => {}
            Err(error) => return Err(BusError::nats("read the consumer")(error)),
        }
        let consumer = stream.create_consumer(pull::Config {
            durable_name: Some(CONSUMER.into()),
            deliver_policy: DeliverPolicy::All,
            ack_policy: AckPolicy::Explicit,
            ack_wait: ACK_WAIT,
            filter_subject: names.activity(">"),
            ..pull::Config::default()
        });
        let consumer = consumer.await.map_err(BusError::nats("create the consumer"))?;
        let pulls = consumer.stream().max_messages_per_batch(PULL).expires(PULL_EXPIRES).heartbeat(HEARTBEAT);
        let messages = pulls.messages().await.map_err(BusError::nats("read messages"))?;
        Ok(Self { bus: bus.clone(), names: names.clone(), messages, delivered: 0 })
    }

    /// The messages that come next, in order, at most `limit`; waits for the first.
    ///
    /// # Errors
    /// When the consumer is gone, or messages were lost on their way, as with a connection: those would come again behind
    /// newer ones. Open the inbox again.
    pub async fn next(&mut self, limit: usize) -> Result<Vec<Message>, BusError> {
        let Some(first) = self.messages.next().await else { return Err(BusError::Reconnected) };
        let mut next = vec![self.message(first)?];
        while next.len() < limit {
            match self.messages.next().now_or_never() {
                Some(Some(message)) => next.push(self.message(message)?),
                Some(None) | None => break,
            }
        }
        Ok(next)
    }

    fn message(
        &mut self,
        received: Result<jetstream::Message, pull::MessagesError>,
    ) -> Result<Message, BusError> {
        let inner = received.map_err(BusError::nats("read messages"))?;
        self.delivered += 1;
        if !inner.info().is_ok_and(|info| info.consumer_sequence == self.delivered) {
            return Err(BusError::Reconnected);
        }
        let service = inner.subject.strip_prefix(self.names.activity("").as_str()).unwrap_or_default();
        Ok(Message { service: service.to_owned(), inner })
    }

    /// Takes a message off the queue: it is done.
    ///
    /// # Errors
    /// When NATS cannot be reached; the message comes again.
    pub async fn done(&self, message: &Message) -> Result<(), BusError> {
        let ack = message.inner.ack().await;
        ack.map_err(|source| BusError::Nats { doing: "acknowledge a message", source })
    }

    /// Sets a message aside for good, with the reason.
    ///
    /// # Errors
    /// When it could not be kept there; it then still waits.
    pub async fn reject(&self, message: &Message, problem: &str, detail: &str) -> Result<(), BusError> {
        let info = message.inner.info();
        let info = info.map_err(|source| BusError::Nats { doing: "read a message", source })?;
        let published = info.published.unix_timestamp_nanos();
        let mut headers = HeaderMap::new();
        headers.insert(PROBLEM, line(problem));
        headers.insert(DETAIL, line(detail));
        if let Some(id) = message.id() {
            headers.insert(ID, line(id));
        }
        let rejected = PublishMessage::build()
            .headers(headers)
            .payload(message.inner.payload.clone())
            .message_id(format!("{}-{published}", info.stream_sequence));
        let subject = self.names.rejected(&token(&message.service));
        let sent = self.bus.jetstream().send_publish(subject, rejected).await;
        sent.map_err(BusError::nats("publish"))?.await.map_err(BusError::nats("publish"))?;
        self.done(message).await
    }
}

impl Message {
    /// The sender that the subject names.
    pub fn service(&self) -> &str {
        &self.service
    }

    pub fn body(&self) -> &[u8] {
        &self.inner.payload
    }

    /// `Nats-Msg-Id`.
    pub fn id(&self) -> Option<&str> {
        Some(self.inner.headers.as_ref()?.get(MESSAGE_ID)?.as_str())
    }

    /// How many more wait, as far as NATS knew when it sent this one.
    pub fn waiting(&self) -> u64 {
        self.inner.info().map_or(0, |info| info.pending)
    }
}

/// A header's value: short, and on one line.
fn line(text: &str) -> HeaderValue {
    let plain = text.chars().map(|c| if c.is_control() { ' ' } else { c });
    let mut room = DETAIL_BYTES;
    let short = plain.take_while(|c| {
        let fits = c.len_utf8() <= room;
        room = room.saturating_sub(c.len_utf8());
        fits
    });
    short.collect::<String>().parse().unwrap_or_else(|_| HeaderValue::from("-"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn header_is_one_short_line_whatever_the_text() {
        assert_eq!(line("a\r\nb: c\u{0}").as_str(), "a  b: c ");
        assert_eq!(line(&"é".repeat(2_000)).as_str().len(), DETAIL_BYTES);
    }
}
