//! Refuses access tokens of ended sessions at once: each node follows the log for ends and keeps them in memory.
//!
//! The memory is trusted while its feed is known to have been at the head a moment ago. Otherwise the log itself is
//! asked: no token is ever accepted on stale knowledge. Start reading at [`SessionGate::check`], then `memory`.
//! Ends are forgotten once no access token can be of before them; a session cookie can: [`SessionGate::check_lasting`].

mod follow;
mod memory;

use crate::{queries::QueryError, schema, watcher::Watcher};
use bus::{Feed, Freshness};
use domain::{EventKind, SessionId, UserId, session::SessionEvent, user::UserEvent};
use memory::Memory;
use moka::sync::Cache;
use std::{
    sync::{Arc, OnceLock},
    time::Duration,
};
use store::{Reader, Store};
use tokio::sync::watch;
use tokio_util::sync::{CancellationToken, DropGuard};

#[derive(Clone, Copy, Debug)]
pub struct GateOptions {
    /// The longest that any access token lives: older ends need not be remembered.
    pub access_token_lifetime: Duration,
    /// How long after the feed was last at the head its silence means that nothing ended.
    pub trust: Duration,
}

impl Default for GateOptions {
    fn default() -> Self {
        Self { access_token_lifetime: Duration::from_secs(3_600), trust: Duration::from_secs(1) }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    Live,
    Ended,
}

/// One per process. Cheap to clone; it stops following when the last clone is gone.
#[derive(Clone)]
pub struct SessionGate(Arc<Gate>);

struct Gate {
    known: Arc<Known>,
    reader: Reader,
    trust: Duration,
    /// Sessions that the log said were alive, a while ago.
    vouched: Cache<(SessionId, UserId, u32), ()>,
    _following: DropGuard,
}

/// Some 10 MiB when full.
const VOUCHED: u64 = 100_000;

/// What the follower shares with the checks.
struct Known {
    memory: watch::Sender<Memory>,
    /// Set once the memory holds what ended before the feed began.
    freshness: OnceLock<Freshness>,
}

impl SessionGate {
    /// Begins to follow. Checks are answered from the start, by the log until the memory has caught up.
    pub fn start(store: &Store, feed: Feed, watcher: Watcher, options: GateOptions) -> Self {
        let known =
            Arc::new(Known { memory: watch::Sender::new(Memory::default()), freshness: OnceLock::new() });
        let stop = CancellationToken::new();
        let following = follow::Following {
            known: Arc::clone(&known),
            pool: schema::reading_pool(store.pool(), 1),
            reader: store.reader(),
            feed,
            watcher,
            lifetime: options.access_token_lifetime,
        };
        tokio::spawn(stop.clone().run_until_cancelled_owned(following.run()));
        // Shorter than ends are remembered: whatever ended after the log was asked is still known.
        let vouched =
            Cache::builder().max_capacity(VOUCHED).time_to_live(options.access_token_lifetime / 2).build();
        let (reader, trust) = (store.reader(), options.trust);
        Self(Arc::new(Gate { known, reader, trust, vouched, _following: stop.drop_guard() }))
    }

    /// Whether a session still counts for an access token that was issued under `epoch`.
    ///
    /// # Errors
    /// The feed is stale and the log cannot be asked: the token must not be accepted.
    pub async fn check(&self, session: SessionId, user: UserId, epoch: u32) -> Result<Verdict, QueryError> {
        // An end is final, however old the knowledge of it.
        if self.0.known.memory.borrow().has_ended(session, user, epoch) {
            return Ok(Verdict::Ended);
        }
        if self.0.known.freshness.get().is_some_and(|fresh| fresh.is_within(self.0.trust)) {
            return Ok(Verdict::Live);
        }
        metrics::counter!("annals_session_gate_asked_total").increment(1);
        self.ask_log(session, user, epoch).await
    }

    /// As [`Self::check`], for what may be older than any access token: the log is asked first, now and then.
    ///
    /// # Errors
    /// As [`Self::check`].
    pub async fn check_lasting(
        &self,
        session: SessionId,
        user: UserId,
        epoch: u32,
    ) -> Result<Verdict, QueryError> {
        if self.0.vouched.contains_key(&(session, user, epoch)) {
            return self.check(session, user, epoch).await;
        }
        let verdict = self.ask_log(session, user, epoch).await?;
        if verdict == Verdict::Live {
            self.0.vouched.insert((session, user, epoch), ());
        }
        Ok(verdict)
    }

    /// The last event that this node has heeded. The watcher knows it as [`SESSION_GATE`](crate::SESSION_GATE).
    pub fn position(&self) -> i64 {
        self.0.known.memory.borrow().position()
    }

    /// Folds the session's and the account's own streams.
    async fn ask_log(&self, session: SessionId, user: UserId, epoch: u32) -> Result<Verdict, QueryError> {
        let mut memory = Memory::default();
        let begun = self.fold(&mut memory, SessionEvent::KINDS, &session.to_string()).await?;
        self.fold(&mut memory, UserEvent::KINDS, &user.to_string()).await?;
        let ended = !begun || memory.has_ended(session, user, epoch);
        Ok(if ended { Verdict::Ended } else { Verdict::Live })
    }

    /// False for a stream that does not exist.
    async fn fold(&self, memory: &mut Memory, kinds: &[EventKind], id: &str) -> Result<bool, QueryError> {
        const PAGE: i64 = 1_000;
        let Some(kind) = kinds.first() else { return Ok(false) };
        let mut sequence = 0;
        loop {
            let events = self.0.reader.stream(kind.aggregate, id, sequence, PAGE).await?;
            for event in &events {
                memory.note(event).map_err(store::StoreError::from)?;
                sequence = event.sequence;
            }
            if events.len() < PAGE as usize {
                return Ok(sequence > 0);
            }
        }
    }
}
