//! Load, check authority, decide, append; on a lost race once more.

use crate::{
    Caller, Clock, Mint,
    decide::Terms,
    error::CommandError,
    outcome::{Done, Outcome, Receipt, to_stored},
    unit::{Decided, Executable, NewSecret, Unit},
};
use chrono::{DateTime, Utc};
use domain::{Consequence, EventId};
use futures::future::join_all;
use std::sync::Arc;
use store::{ClaimChange, SecretChange, Store, StreamRef, StreamWrite, Submission};

/// How often a command is decided again after others changed its streams first.
const ATTEMPTS: u32 = 8;

/// Runs commands. Cheap to clone.
#[derive(Clone)]
pub struct Executor {
    store: Store,
    clock: Arc<dyn Clock>,
    mint: Arc<dyn Mint>,
}

impl Executor {
    pub fn new(store: Store, clock: Arc<dyn Clock>, mint: Arc<dyn Mint>) -> Self {
        Self { store, clock, mint }
    }

    pub fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    pub fn mint(&self) -> &dyn Mint {
        &*self.mint
    }

    pub const fn store(&self) -> &Store {
        &self.store
    }

    /// Runs one command. When this returns `Ok`, its events are durable.
    ///
    /// # Errors
    /// See [`CommandError`].
    pub async fn run<A: Executable>(
        &self,
        id: A::Id,
        command: impl Into<A::Command>,
        caller: &Caller,
    ) -> Result<Done<A>, CommandError> {
        self.run_one(Unit::new().on::<A>(id, command), caller).await
    }

    /// Runs a unit and tells about its first stream of this type, from the log if the request was replayed.
    ///
    /// # Errors
    /// See [`CommandError`].
    pub async fn run_one<A: Executable>(&self, unit: Unit, caller: &Caller) -> Result<Done<A>, CommandError> {
        let mut outcome = self.run_all(unit, caller).await?;
        match outcome.take::<A>() {
            Some(done) => Ok(done),
            None => self.recall(&outcome).await,
        }
    }

    /// Runs a unit of work, all or nothing.
    ///
    /// # Errors
    /// See [`CommandError`].
    pub async fn run_all(&self, unit: Unit, caller: &Caller) -> Result<Outcome, CommandError> {
        let result = match self.attempts(&unit, caller).await {
            // The append itself knows a repeated request; one that is refused before is looked up here.
            Err(refusal) if refusal.is_of_the_state() => self.replayed(caller).await?.ok_or(refusal),
            settled => settled,
        };
        // Counted here, after the replay: a repeated request that succeeded before is no refusal.
        let outcome = result.as_ref().map_or_else(CommandError::kind, |_| "done");
        metrics::counter!("annals_commands_total", "outcome" => outcome).increment(1);
        result
    }

    /// Where a stream of this type stood after the same request, if it was made before: the same principal sent the same
    /// idempotency key. Nothing is decided.
    ///
    /// # Errors
    /// [`CommandError::IdempotencyMismatch`] if it was another request.
    pub async fn earlier<A: Executable>(&self, caller: &Caller) -> Result<Option<Receipt>, CommandError> {
        let outcome = self.replayed(caller).await?;
        Ok(outcome.and_then(|outcome| outcome.receipt::<A>().cloned()))
    }

    /// What an earlier request with the same idempotency key did.
    ///
    /// # Errors
    /// [`CommandError::IdempotencyMismatch`] if it was another request.
    pub(crate) async fn replayed(&self, caller: &Caller) -> Result<Option<Outcome>, CommandError> {
        let Some(key) = &caller.idempotency else { return Ok(None) };
        let appended = self.store.replay(&caller.key_owner(), &key.key, &key.fingerprint).await?;
        let Some((position, stored)) = appended.and_then(|a| Some((a.position, a.replayed?))) else {
            return Ok(None);
        };
        replay(position, &stored).map(Some)
    }

    /// A replayed stream as it is now.
    pub(crate) async fn recall<A: Executable>(&self, outcome: &Outcome) -> Result<Done<A>, CommandError> {
        let receipt = outcome.receipt::<A>().cloned();
        let receipt =
            receipt.ok_or_else(|| CommandError::internal(format!("no receipt of a {}", A::TYPE)))?;
        let state = self.store.load_fresh::<A>(receipt.id.into()).await?.state;
        Ok(Done { receipt, events: Vec::new(), state })
    }

    /// A stream as it is now, to tell about what it holds already.
    pub(crate) async fn unchanged<A: Executable>(&self, id: A::Id) -> Result<Done<A>, CommandError> {
        let store::Loaded { state, version, .. } = self.store.load_fresh::<A>(id).await?;
        let (aggregate, position) = (A::TYPE.to_owned(), self.store.reader().head().await?);
        let receipt = Receipt { aggregate, id: id.into(), version, position, replayed: false };
        Ok(Done { receipt, events: Vec::new(), state })
    }

    async fn attempts(&self, unit: &Unit, caller: &Caller) -> Result<Outcome, CommandError> {
        // Within a process commands on one stream take turns; between processes the version check decides.
        let streams = unit.works.iter().filter_map(|work| work.contended());
        let streams = streams.chain(unit.turns.iter().copied());
        // Entered once for all attempts: a command that lost a race must not go to the end of the line.
        let _turn = self.store.lanes().enter(streams).await;
        let mut last = 0;
        for attempt in 0..ATTEMPTS {
            // The first attempt may stand on the cache; after a conflict only the log can say what is true.
            match self.attempt(unit, caller, attempt > 0).await {
                Err(CommandError::Conflict { version }) => last = version,
                settled => return settled,
            }
            metrics::counter!("annals_command_conflicts_total").increment(1);
            // The winner's task gets to run; a pause would only invite the next conflict.
            tokio::task::yield_now().await;
        }
        Err(CommandError::Conflict { version: last })
    }

    async fn attempt(&self, unit: &Unit, caller: &Caller, fresh: bool) -> Result<Outcome, CommandError> {
        let reads = join_all(unit.reads.iter().map(|read| read.check(&self.store, fresh)));
        // Loads run side by side. Whatever changes between them is found by the versions in the append.
        let (decided, reads) = tokio::join!(self.decide(unit, caller, fresh), reads);
        // The command's own refusal comes before that of a stream that it only reads: the client hears the
        // same each time.
        let (decided, reads) = (decided?, reads.into_iter().collect::<Result<Vec<_>, _>>()?);
        matches_all(unit.if_all_match, &decided, &reads, fresh)?;
        // With a key even a command without events is appended: its receipt must answer the repeat.
        if caller.idempotency.is_none() && decided.iter().all(|decided| decided.is_empty()) {
            return Ok(finish(self.store.reader().head().await?, decided));
        }
        let submission = self.submission(unit, caller, &decided, reads)?;
        let appended = self.store.submit(submission).await?;
        match appended.replayed {
            Some(stored) => replay(appended.position, &stored),
            None => Ok(finish(appended.position, decided)),
        }
    }

    async fn decide(
        &self,
        unit: &Unit,
        caller: &Caller,
        fresh: bool,
    ) -> Result<Vec<Box<dyn Decided>>, CommandError> {
        // What the client has seen is the first stream.
        let seen = unit.if_match.into_iter().map(Some).chain(std::iter::repeat(None));
        let decided = unit.works.iter().zip(seen).map(|(work, if_match)| {
            work.decide(&self.store, Terms { caller, warrant: unit.warrant, if_match }, fresh)
        });
        join_all(decided).await.into_iter().collect()
    }

    fn submission(
        &self,
        unit: &Unit,
        caller: &Caller,
        decided: &[Box<dyn Decided>],
        reads: Vec<(StreamRef, i64)>,
    ) -> Result<Submission, CommandError> {
        let now = self.clock.now();
        let mut submission = Submission {
            writes: self.writes(decided, now)?,
            reads: unwritten(decided, reads)?,
            metadata: caller.metadata(now, unit.actor),
            ..Submission::default()
        };
        for decided in decided {
            for consequence in decided.consequences() {
                add(&mut submission, decided.stream(), consequence, &unit.secrets)?;
            }
        }
        if let Some(key) = &caller.idempotency {
            submission.idempotency = Some(store::IdempotencyKey {
                principal: caller.key_owner(),
                key: key.key.clone(),
                fingerprint: key.fingerprint,
                receipt: to_stored(&receipts(decided, 0)).map_err(defect)?,
            });
        }
        Ok(submission)
    }

    fn writes(
        &self,
        decided: &[Box<dyn Decided>],
        now: DateTime<Utc>,
    ) -> Result<Vec<StreamWrite>, CommandError> {
        let mint = || EventId::mint(now, self.mint.id_bytes());
        let changed = decided.iter().filter(|decided| !decided.is_empty());
        changed.map(|decided| decided.write(&mint).map_err(defect)).collect()
    }
}

/// Refuses streams that are, all together, at another version than the client has seen.
fn matches_all(
    seen: Option<i64>,
    decided: &[Box<dyn Decided>],
    reads: &[(StreamRef, i64)],
    fresh: bool,
) -> Result<(), CommandError> {
    let written = decided.iter().map(|decided| decided.version());
    let version: i64 = written.chain(reads.iter().map(|(_, version)| *version)).sum();
    match seen {
        Some(seen) if seen != version && fresh => Err(CommandError::PreconditionFailed { version }),
        // What was remembered may be older than what the client has seen: once more, on what the log holds.
        Some(seen) if seen != version => Err(CommandError::Conflict { version }),
        _ => Ok(()),
    }
}

/// Versions that the append must find unchanged: of what was read, and of what a command left as it was.
///
/// A stream that is also written is guarded by its write, if both were seen at the same version.
fn unwritten(
    decided: &[Box<dyn Decided>],
    reads: Vec<(StreamRef, i64)>,
) -> Result<Vec<(StreamRef, i64)>, CommandError> {
    let mut versions = Vec::with_capacity(reads.len());
    for (stream, version) in reads {
        match decided.iter().find(|decided| decided.stream() == stream) {
            // The write checks this version already; a second check of the same row would be waste.
            Some(decided) if decided.version() == version => {}
            Some(decided) => return Err(CommandError::Conflict { version: decided.version() }),
            None => versions.push((stream, version)),
        }
    }
    // "Nothing to do" is a decision on a state, too: it must still hold when the rest is appended.
    versions.extend(decided.iter().filter(|d| d.is_empty()).map(|d| (d.stream(), d.version())));
    versions.sort_unstable();
    versions.dedup();
    Ok(versions)
}

fn add(
    submission: &mut Submission,
    stream: StreamRef,
    consequence: &Consequence,
    secrets: &[NewSecret],
) -> Result<(), CommandError> {
    let claim =
        |kind, value: &String, take| ClaimChange { kind, value: value.clone(), owner: stream.id, take };
    match consequence {
        Consequence::Claim(kind, value) => submission.claims.push(claim(*kind, value, true)),
        Consequence::ClaimOnce(kind, value, occurrence) => {
            submission.claims.push(ClaimChange { owner: *occurrence, ..claim(*kind, value, true) });
        }
        Consequence::Release(kind, value) => submission.claims.push(claim(*kind, value, false)),
        Consequence::Forget(id) => submission.secrets.push(SecretChange::Delete(*id)),
        Consequence::Keep(id) => {
            let secret = secrets.iter().find(|secret| secret.id == *id);
            let NewSecret { id, owner, bytes } = secret
                .ok_or_else(|| CommandError::internal(format!("secret {id} came without its bytes")))?;
            submission.secrets.push(SecretChange::Put { id: *id, owner: *owner, bytes: bytes.clone() });
        }
    }
    Ok(())
}

fn receipts(decided: &[Box<dyn Decided>], position: i64) -> Vec<Receipt> {
    decided.iter().map(|decided| Receipt { position, ..decided.receipt() }).collect()
}

fn finish(position: i64, decided: Vec<Box<dyn Decided>>) -> Outcome {
    let receipts = receipts(&decided, position);
    Outcome::done(position, receipts, decided.into_iter().map(|decided| decided.done(position)).collect())
}

fn replay(position: i64, stored: &str) -> Result<Outcome, CommandError> {
    Outcome::replayed(position, stored).map_err(defect)
}

fn defect(error: serde_json::Error) -> CommandError {
    CommandError::Internal(error.into())
}
