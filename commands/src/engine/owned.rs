//! Things that a person owns: one use case each to add, revise and remove any of them.
//!
//! Another's thing is as absent as one that never was. Of any number of requests that run at once no more things come to be
//! than there are places, because each place is a claim.

use crate::{
    Caller, CommandError, Done, Executable, Executor, Refusal, Unit, Warrant,
    account::{AccountError, api_key_use::may_sign_in},
};
use chrono::{DateTime, Utc};
use domain::{
    ClaimKind, UserId,
    owned::{Owned, slot},
    user::User,
};

/// Each lost race means that somebody else took the place.
const ATTEMPTS: u32 = 8;

/// The use cases of things that a person owns. Cheap to clone.
#[derive(Clone)]
pub struct OwnedThings {
    executor: Executor,
}

impl OwnedThings {
    pub const fn new(executor: Executor) -> Self {
        Self { executor }
    }

    /// What an earlier request with the same idempotency key did.
    ///
    /// # Errors
    /// [`CommandError::IdempotencyMismatch`] if it was another request.
    pub async fn earlier<A: Owned + Executable>(
        &self,
        caller: &Caller,
    ) -> Result<Option<Done<A>>, CommandError> {
        match self.executor.replayed(caller).await? {
            Some(outcome) => self.executor.recall(&outcome).await.map(Some),
            None => Ok(None),
        }
    }

    /// One of the caller's things as it is now, and its version.
    ///
    /// # Errors
    /// [`CommandError::NotFound`] for one that was removed, never was, or is another's.
    pub async fn find<A: Owned + Executable>(
        &self,
        id: A::Id,
        caller: &Caller,
    ) -> Result<(A, i64), CommandError> {
        let loaded = self.executor.store().load_fresh::<A>(id).await?;
        let owner = loaded.state.standing().present();
        if owner.is_some() && owner == caller.person() {
            Ok((loaded.state, loaded.version))
        } else {
            Err(CommandError::NotFound)
        }
    }

    /// Adds a thing of the caller's own.
    ///
    /// # Errors
    /// [`CommandError::Duplicate`] for a name that the person uses already, the aggregate's own refusal where there are as
    /// many as there may be, [`CommandError::Forbidden`] for nobody's caller.
    pub async fn add<A: Owned + Executable>(
        &self,
        new: A::New,
        caller: &Caller,
    ) -> Result<Done<A>, CommandError> {
        let user = caller.person().ok_or(CommandError::Forbidden)?;
        let mut attempt = 1;
        loop {
            if let Some(done) = self.earlier::<A>(caller).await? {
                return Ok(done);
            }
            let at = self.executor.now();
            let place = self.free_place::<A>(user).await?;
            let id = A::mint(at, self.executor.mint().id_bytes());
            let unit = Unit::new()
                .begin::<A>(id, A::add(user, new.clone(), place, at))
                .reads::<User>(user, move |account| may_own(account, at))
                .warranted(Warrant::OwnThing);
            match self.executor.run_one(unit, caller).await {
                Err(CommandError::Duplicate(ClaimKind::OwnedSlot)) if attempt < ATTEMPTS => attempt += 1,
                done => return done,
            }
        }
    }

    /// Changes one of the caller's things. `if_match` is the version that the client has seen.
    ///
    /// # Errors
    /// [`CommandError::NotFound`], [`CommandError::PreconditionFailed`]; as [`OwnedThings::add`] for a name.
    pub async fn revise<A: Owned + Executable>(
        &self,
        id: A::Id,
        patch: A::Patch,
        if_match: Option<i64>,
        caller: &Caller,
    ) -> Result<Done<A>, CommandError> {
        self.run(id, A::revise(patch, self.executor.now()), if_match, caller).await
    }

    /// Removes one of the caller's things. Repeated, it changes nothing.
    ///
    /// # Errors
    /// [`CommandError::NotFound`], [`CommandError::PreconditionFailed`].
    pub async fn remove<A: Owned + Executable>(
        &self,
        id: A::Id,
        if_match: Option<i64>,
        caller: &Caller,
    ) -> Result<Done<A>, CommandError> {
        self.run(id, A::remove(self.executor.now()), if_match, caller).await
    }

    async fn run<A: Owned + Executable>(
        &self,
        id: A::Id,
        command: A::Command,
        if_match: Option<i64>,
        caller: &Caller,
    ) -> Result<Done<A>, CommandError> {
        let unit = Unit::new().on::<A>(id, command).if_match(if_match);
        match self.executor.run_one(unit, caller).await {
            Err(CommandError::Forbidden) => Err(CommandError::NotFound),
            done => done,
        }
    }

    async fn free_place<A: Owned>(&self, user: UserId) -> Result<u16, CommandError> {
        let places: Vec<String> = (0..A::MOST).map(|number| slot(A::TYPE, user, number)).collect();
        let free = self.executor.store().first_unclaimed(ClaimKind::OwnedSlot, &places).await?;
        let free = free.and_then(|index| u16::try_from(index).ok());
        free.ok_or_else(|| CommandError::rejected(A::full()))
    }
}

/// An erasure that comes between would not find what was added after it.
fn may_own(account: &User, at: DateTime<Utc>) -> Result<(), Refusal> {
    if may_sign_in(account, at) { Ok(()) } else { Err(Refusal::new(AccountError::ChangedMeanwhile)) }
}
