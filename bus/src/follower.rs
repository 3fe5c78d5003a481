//! The one way to read events inside Annals: a contiguous sequence after a cursor, whatever NATS does.
//!
//! A [`Follower`] reads PostgreSQL up to the head and then takes what NATS brings, as long as the next position fits.
//! Everything else (a hole, a repeat, a forgery, silence) is answered by reading PostgreSQL. The cursor is the
//! caller's: it is kept in the transaction of the effect, and nothing is acknowledged here.

use crate::{
    connection::Bus,
    error::BusError,
    tap::{Ear, Heard, Tap},
    wire::Received,
};
use std::{sync::Arc, time::Duration};
use store::{Reader, Recorded};
use tokio::{
    sync::watch,
    time::{Instant, sleep_until},
};

/// The log is looked at this often while NATS brings nothing: it is down, or nobody publishes.
const UNHEARD: Duration = Duration::from_millis(50);
/// … and this often while NATS works: it confirms that nothing was missed.
const WORKING: Duration = Duration::from_millis(500);
/// … and this soon after a subscription, which takes hold at the server a little after it was made.
const SUBSCRIBED: Duration = Duration::from_millis(5);

/// The source of followers. Cheap to clone.
#[derive(Clone)]
pub struct Feed {
    reader: Reader,
    tap: Option<Arc<Tap>>,
}

impl Feed {
    /// Without a bus every follower polls the log.
    pub fn new(reader: Reader, bus: Option<Bus>) -> Self {
        Self { reader, tap: bus.map(|bus| Arc::new(Tap::new(bus))) }
    }
}

/// A reader of all events in order.
pub struct Follower {
    feed: Feed,
    position: i64,
    /// The highest position that was heard of.
    head: i64,
    tail: Option<Tail>,
    /// The log holds more than was returned, or may.
    behind: bool,
    /// NATS brought something that fitted since the log was last read.
    heard: bool,
    pause: Duration,
    check_at: Instant,
    /// Was at the head then, once the caller has dealt with what it was given.
    candidate: Option<Instant>,
    confirmed: watch::Sender<Option<Instant>>,
}

struct Tail {
    ear: Ear,
    link: watch::Receiver<u64>,
}

enum Judged {
    Fits(Recorded),
    /// Known already.
    Old,
    /// Only the log can tell.
    Unfit,
}

/// When a follower last knew that it had returned everything. Cheap to clone; to be asked from anywhere.
#[derive(Clone, Debug)]
pub struct Freshness(watch::Receiver<Option<Instant>>);

impl Freshness {
    /// All events committed before this moment have been returned by [`Follower::next`], and the caller has come back
    /// for more. None: it never was at the head.
    pub fn last_confirmed(&self) -> Option<Instant> {
        *self.0.borrow()
    }

    /// Whether that was less than `age` ago.
    pub fn is_within(&self, age: Duration) -> bool {
        self.last_confirmed().is_some_and(|at| at.elapsed() < age)
    }
}

impl Follower {
    /// Follows from behind `cursor`: the first event returned is at `cursor + 1`.
    pub fn from(feed: &Feed, cursor: i64) -> Self {
        Self {
            feed: feed.clone(),
            position: cursor,
            head: cursor,
            tail: None,
            behind: true,
            heard: false,
            pause: SUBSCRIBED,
            check_at: Instant::now(),
            candidate: None,
            confirmed: watch::Sender::new(None),
        }
    }

    /// The events that come next: contiguous, at least one, at most `limit`; waits for the first.
    ///
    /// Nothing is lost when the call is dropped at an await. Calling it says that what the last call returned has been
    /// dealt with (see [`Freshness`]).
    ///
    /// # Errors
    /// The log cannot be read, or has a hole. The call may be repeated; it goes on where it was.
    pub async fn next(&mut self, limit: usize) -> Result<Vec<Recorded>, BusError> {
        let limit = limit.max(1);
        if let Some(at) = self.candidate.take() {
            // Only now: until the caller comes back, the events of the last call may not be stored yet.
            self.confirmed.send_replace(Some(at));
        }
        loop {
            // Subscribed before the log is read to its end, so that nothing falls between the two.
            self.listen().await;
            if self.behind || Instant::now() >= self.check_at {
                let events = self.read(limit).await?;
                if !events.is_empty() {
                    return Ok(events);
                }
            }
            if let Some(events) = self.hear(limit).await {
                return Ok(events);
            }
            self.behind = true;
        }
    }

    /// The position of the last event returned, or the cursor that it started from.
    pub fn position(&self) -> i64 {
        self.position
    }

    /// How many events are known to be there and have not been returned.
    pub fn lag(&self) -> i64 {
        self.head - self.position
    }

    pub fn last_confirmed(&self) -> Option<Instant> {
        *self.confirmed.borrow()
    }

    /// A handle that shows [`Follower::last_confirmed`] while `next` is waiting.
    pub fn freshness(&self) -> Freshness {
        Freshness(self.confirmed.subscribe())
    }

    async fn listen(&mut self) {
        let Some(tap) = &self.feed.tap else { return };
        if self.tail.is_some() || !tap.bus().is_connected() {
            return;
        }
        let link = tap.bus().link();
        match tap.listen().await {
            Ok(ear) => self.tail = Some(Tail { ear, link }),
            Err(error) => tracing::debug!(%error, "a follower cannot subscribe and reads the log only"),
        }
        self.behind = true;
        self.pause = SUBSCRIBED;
    }

    async fn read(&mut self, limit: usize) -> Result<Vec<Recorded>, BusError> {
        let asked = Instant::now();
        let page = i64::try_from(limit).unwrap_or(i64::MAX);
        let events = self.feed.reader.after(self.position, page).await?;
        let full = events.len() == limit;
        let last = events.last().map_or(self.position, |event| event.position);
        let head = if full && self.head <= last { self.feed.reader.head().await? } else { last };
        // No await from here on: the events are returned, or were never taken.
        self.behind = full;
        self.head = self.head.max(head);
        self.position = last;
        match (full, events.is_empty()) {
            (true, _) => {}
            (false, true) => drop(self.confirmed.send_replace(Some(asked))),
            (false, false) => self.candidate = Some(asked),
        }
        self.schedule(events.is_empty());
        Ok(events)
    }

    /// When to look at the log next, although NATS does not say so.
    fn schedule(&mut self, nothing_found: bool) {
        let listening =
            self.tail.is_some() && self.feed.tap.as_ref().is_some_and(|tap| tap.bus().is_connected());
        self.pause = match (listening, nothing_found) {
            (false, _) => UNHEARD,
            (true, true) => (self.pause * 2).min(WORKING),
            // Found here first: NATS is a little slower, or brings nothing.
            (true, false) if self.heard => WORKING,
            (true, false) => UNHEARD,
        };
        self.heard = false;
        self.check_at = Instant::now() + self.pause;
    }

    /// Events from NATS. None: the log has to be read.
    async fn hear(&mut self, limit: usize) -> Option<Vec<Recorded>> {
        loop {
            let heard = self.heard().await?;
            match self.judge(&heard) {
                Judged::Old => {}
                Judged::Unfit => {
                    self.discard();
                    return None;
                }
                Judged::Fits(event) => {
                    let mut events = vec![self.accept(event)];
                    self.hear_more(&mut events, limit);
                    return Some(events);
                }
            }
        }
    }

    /// The next message. None: it is time to read the log.
    async fn heard(&mut self) -> Option<Heard> {
        let Some(tail) = &mut self.tail else {
            sleep_until(self.check_at).await;
            return None;
        };
        // In this order, because messages that are all old must not keep the log from being looked at.
        tokio::select! {
            biased;
            () = sleep_until(self.check_at) => None,
            linked = tail.link.changed() => {
                // Lost, or made again: what was published meanwhile has to be found.
                match linked {
                    Ok(()) => self.pause = SUBSCRIBED,
                    Err(_) => self.tail = None,
                }
                None
            }
            heard = tail.ear.next() => Some(heard),
        }
    }

    /// Adds what has already arrived. No await: the events that fit must not be lost.
    fn hear_more(&mut self, events: &mut Vec<Recorded>, limit: usize) {
        while events.len() < limit
            && let Some(heard) = self.arrived()
        {
            match self.judge(&heard) {
                Judged::Old => {}
                Judged::Fits(event) => events.push(self.accept(event)),
                Judged::Unfit => {
                    self.discard();
                    self.behind = true;
                    return;
                }
            }
        }
    }

    fn arrived(&mut self) -> Option<Heard> {
        self.tail.as_mut()?.ear.arrived()
    }

    /// Forgets what has arrived: it was committed before the read of the log that follows.
    fn discard(&mut self) {
        while let Some(heard) = self.arrived() {
            if matches!(heard, Heard::Ended) {
                self.tail = None;
            }
        }
    }

    fn judge(&mut self, heard: &Heard) -> Judged {
        let received = match heard {
            Heard::Message(received) => received,
            Heard::Nothing => return Judged::Unfit,
            Heard::Ended => {
                self.tail = None;
                return Judged::Unfit;
            }
        };
        // Compared before the kind is looked at: repeats are common after a reconnect and must cost nothing.
        if received.position() <= self.position {
            return Judged::Old;
        }
        match &**received {
            Received::Event(event) if event.position == self.position + 1 => Judged::Fits(event.clone()),
            Received::Event(_) | Received::InLog { .. } => {
                self.head = self.head.max(received.position());
                Judged::Unfit
            }
        }
    }

    fn accept(&mut self, event: Recorded) -> Recorded {
        self.position = event.position;
        self.head = self.head.max(event.position);
        self.heard = true;
        event
    }
}
