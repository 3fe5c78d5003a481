//! A unit of work: commands on one or several streams, states only read, and the bytes of new secrets.
//! All of it is appended, or nothing.

use crate::{
    authority::Warrant,
    caller::Actor,
    decide::{Decision, Terms, decide},
    error::{CommandError, Refusal},
    outcome::{Done, Receipt},
};
use domain::{
    CommandSet, Consequence, Decide, EventId, EventSet, EventSourced, SecretId, SessionId, Subject, UserId,
};
use futures::future::BoxFuture;
use serde_json::value::to_raw_value;
use std::any::Any;
use store::{Loaded, NewEvent, Store, StoreError, StreamRef, StreamWrite};

/// An aggregate whose commands the executor can run.
pub trait Executable: EventSourced<Command: Decide<Self> + CommandSet> {}

impl<A: EventSourced<Command: Decide<A> + CommandSet>> Executable for A {}

/// What is to be done, all or nothing. Built step by step, then run by [`crate::Executor::run_all`].
#[derive(Default)]
pub struct Unit {
    pub(crate) works: Vec<Box<dyn Work>>,
    pub(crate) reads: Vec<Box<dyn Read>>,
    /// Streams in whose writers' order it stands, though it writes none of them.
    pub(crate) turns: Vec<StreamRef>,
    pub(crate) secrets: Vec<NewSecret>,
    pub(crate) warrant: Option<Warrant>,
    pub(crate) actor: Option<Actor>,
    /// Of the first stream.
    pub(crate) if_match: Option<i64>,
    /// Of all streams together.
    pub(crate) if_all_match: Option<i64>,
}

/// The bytes of a secret that a command names.
pub(crate) struct NewSecret {
    pub id: SecretId,
    pub owner: Subject,
    pub bytes: Vec<u8>,
}

impl Unit {
    pub fn new() -> Self {
        Self::default()
    }

    /// A command on a stream; several on the same stream are decided in turn.
    #[must_use]
    pub fn on<A: Executable>(self, id: A::Id, command: impl Into<A::Command>) -> Self {
        self.step::<A>(id, command.into(), false)
    }

    /// A command on a stream whose id was minted just now: nothing is loaded.
    #[must_use]
    pub fn begin<A: Executable>(self, id: A::Id, command: impl Into<A::Command>) -> Self {
        self.step::<A>(id, command.into(), true)
    }

    fn step<A: Executable>(mut self, id: A::Id, command: A::Command, new: bool) -> Self {
        let known = self.works.iter_mut().filter_map(|work| (work.as_mut() as &mut dyn Any).downcast_mut());
        let steps: Option<&mut Steps<A>> =
            known.into_iter().find(|steps: &&mut Steps<A>| steps.id.into() == id.into());
        match steps {
            Some(steps) => steps.commands.push(command),
            None => self.works.push(Box::new(Steps::<A> { id, commands: vec![command], new })),
        }
        self
    }

    /// A state that the decision stands on: checked now, and its version again in the append.
    #[must_use]
    pub fn reads<A: Executable>(
        mut self,
        id: A::Id,
        check: impl Fn(&A) -> Result<(), Refusal> + Send + Sync + 'static,
    ) -> Self {
        self.reads.push(Box::new(Check::<A> { id, check: Box::new(check) }));
        self
    }

    /// Takes its turn among those who write a stream that it reads: where they are many it would lose each race.
    #[must_use]
    pub(crate) fn in_turn_on<A: Executable>(mut self, id: A::Id) -> Self {
        self.turns.push(StreamRef { aggregate_type: A::TYPE, id: id.into() });
        self
    }

    /// The bytes of a secret, kept if an event of the unit says so and dropped otherwise.
    #[must_use]
    pub fn secret(mut self, id: SecretId, owner: Subject, bytes: Vec<u8>) -> Self {
        self.secrets.push(NewSecret { id, owner, bytes });
        self
    }

    /// The version of the first stream that the client has seen; none: any.
    #[must_use]
    pub const fn if_match(mut self, version: Option<i64>) -> Self {
        self.if_match = version;
        self
    }

    /// The sum of the versions of all its streams, also of those only read, that the client has seen; none: any.
    /// No version ever falls, so that the sum tells whether any of them changed.
    #[must_use]
    pub const fn if_all_match(mut self, version: Option<i64>) -> Self {
        self.if_all_match = version;
        self
    }

    #[must_use]
    pub(crate) const fn warranted(mut self, warrant: Warrant) -> Self {
        self.warrant = Some(warrant);
        self
    }

    /// Records this user as the actor, whoever the caller was when the request came in.
    #[must_use]
    pub(crate) const fn by(mut self, user: UserId, session: Option<SessionId>) -> Self {
        self.actor = Some(Actor { user, session });
        self
    }
}

/// The commands of one stream, whatever its type.
pub(crate) trait Work: Any + Send + Sync {
    /// Where others may be writing too; none for a stream that begins here.
    fn contended(&self) -> Option<StreamRef>;

    /// Decides on the cached state; what changes nothing or is refused there is decided again on the fresh one.
    fn decide<'a>(
        &'a self,
        store: &'a Store,
        terms: Terms<'a>,
        fresh: bool,
    ) -> BoxFuture<'a, Result<Box<dyn Decided>, CommandError>>;
}

/// A decision, whatever its type.
pub(crate) trait Decided: Send + Sync {
    fn stream(&self) -> StreamRef;
    fn version(&self) -> i64;
    fn is_empty(&self) -> bool;
    fn consequences(&self) -> &[Consequence];
    fn write(&self, mint: &dyn Fn() -> EventId) -> Result<StreamWrite, serde_json::Error>;
    fn receipt(&self) -> Receipt;
    fn done(self: Box<Self>, position: i64) -> Box<dyn Any + Send + Sync>;
}

/// A state only read, whatever its type.
pub(crate) trait Read: Send + Sync {
    fn check<'a>(
        &'a self,
        store: &'a Store,
        fresh: bool,
    ) -> BoxFuture<'a, Result<(StreamRef, i64), CommandError>>;
}

struct Steps<A: Executable> {
    id: A::Id,
    commands: Vec<A::Command>,
    new: bool,
}

async fn load<A: Executable>(store: &Store, id: A::Id, fresh: bool) -> Result<Loaded<A>, StoreError> {
    if fresh { store.load_fresh(id).await } else { store.load(id).await }
}

impl<A: Executable> Work for Steps<A> {
    fn contended(&self) -> Option<StreamRef> {
        (!self.new).then(|| StreamRef { aggregate_type: A::TYPE, id: self.id.into() })
    }

    fn decide<'a>(
        &'a self,
        store: &'a Store,
        terms: Terms<'a>,
        fresh: bool,
    ) -> BoxFuture<'a, Result<Box<dyn Decided>, CommandError>> {
        Box::pin(async move {
            let loaded = if self.new && !fresh {
                Loaded { state: A::default(), version: 0, fresh: true }
            } else {
                load::<A>(store, self.id, fresh).await?
            };
            let was_fresh = loaded.fresh;
            let mut decision = decide(self.id, &self.commands, loaded, terms);
            if !was_fresh && !decision.as_ref().is_ok_and(|decision| !decision.events.is_empty()) {
                decision = decide(self.id, &self.commands, store.load_fresh(self.id).await?, terms);
            }
            decision.map(|decision| Box::new(decision) as Box<dyn Decided>)
        })
    }
}

impl<A: Executable> Decided for Decision<A> {
    fn stream(&self) -> StreamRef {
        StreamRef { aggregate_type: A::TYPE, id: self.id.into() }
    }

    fn version(&self) -> i64 {
        self.version
    }

    fn is_empty(&self) -> bool {
        self.events.is_empty()
    }

    fn consequences(&self) -> &[Consequence] {
        &self.consequences
    }

    fn write(&self, mint: &dyn Fn() -> EventId) -> Result<StreamWrite, serde_json::Error> {
        let events = self.events.iter().map(|event| {
            Ok(NewEvent { event_id: mint(), kind: event.kind(), payload: to_raw_value(event)? })
        });
        let events = events.collect::<Result<Vec<_>, serde_json::Error>>()?;
        Ok(StreamWrite::new(self.stream(), self.version, events).with_state(self.state.clone()))
    }

    fn receipt(&self) -> Receipt {
        let version = self.version.saturating_add_unsigned(self.events.len() as u64);
        let (aggregate, id) = (A::TYPE.to_owned(), self.id.into());
        Receipt { aggregate, id, version, position: 0, replayed: false }
    }

    fn done(self: Box<Self>, position: i64) -> Box<dyn Any + Send + Sync> {
        let receipt = Receipt { position, ..self.receipt() };
        Box::new(Done::<A> { receipt, events: self.events, state: self.state })
    }
}

type Condition<A> = Box<dyn Fn(&A) -> Result<(), Refusal> + Send + Sync>;

struct Check<A: Executable> {
    id: A::Id,
    check: Condition<A>,
}

impl<A: Executable> Read for Check<A> {
    fn check<'a>(
        &'a self,
        store: &'a Store,
        fresh: bool,
    ) -> BoxFuture<'a, Result<(StreamRef, i64), CommandError>> {
        Box::pin(async move {
            let mut loaded = load::<A>(store, self.id, fresh).await?;
            if !loaded.fresh && (self.check)(&loaded.state).is_err() {
                loaded = store.load_fresh(self.id).await?;
            }
            (self.check)(&loaded.state)?;
            Ok((StreamRef { aggregate_type: A::TYPE, id: self.id.into() }, loaded.version))
        })
    }
}
