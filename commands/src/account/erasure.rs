//! An account is given up: asked for, taken back, carried out, certified (USR-05, C-39).

use super::{
    Accounts, signed_in,
    staff::{acting_staff, on_person},
};
use crate::{Caller, CommandError, Done, Principal, Unit};
use chrono::{DateTime, TimeDelta, Utc};
use domain::{
    Subject, UserId,
    user::{CancelDeletion, CertifyErasure, DiskPurge, EraseUser, RequestDeletion, User, UserError},
};
use secrecy::SecretString;
use store::KEY_CACHED_FOR;

/// What became of a deletion whose time was to have come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Erasing {
    /// The log says so. The data key is to be destroyed next.
    Erased,
    /// Not before this time.
    NotDue(DateTime<Utc>),
    /// It was taken back.
    NotWanted,
}

impl Accounts {
    /// Asks for the deletion of one's own account, which leaves time to think better of it, or as staff of another's,
    /// which does not. One's own asks for the password, or a login a moment ago. Every session ends. A repeat changes
    /// nothing unless it is to happen sooner.
    ///
    /// # Errors
    /// [`UserError`]: `OwnerStays`, `OwnerOnly`, `NotRegistered`; [`AccountError::StaffOnly`](super::AccountError).
    pub async fn request_deletion(
        &self,
        user: UserId,
        password: Option<SecretString>,
        caller: &Caller,
    ) -> Result<Done<User>, CommandError> {
        if let Some(outcome) = self.executor.replayed(caller).await? {
            return self.executor.recall(&outcome).await;
        }
        let at = self.executor.now();
        let (me, _) = signed_in(caller)?;
        if me == user {
            let proven = self.prove(password, caller).await?;
            let own = RequestDeletion { by: None, grace: self.settings.deletion_grace, at };
            let unit = Unit::new().on::<User>(user, own);
            return self.executor.run_one(proven.stands(unit, at), caller).await;
        }
        if let Some(password) = password {
            self.prove_by_password(password, caller).await?;
        }
        let by = acting_staff(&self.executor, caller).await?;
        let command = RequestDeletion { by: Some(by), grace: TimeDelta::zero(), at };
        let unit = Unit::new().on::<User>(user, command);
        let unit = on_person(&self.executor, unit, user, (by, at)).await?;
        self.executor.run_one(unit, caller).await
    }

    /// Staff take a deletion back, as long as nothing is erased. Its owner does so at the login.
    ///
    /// # Errors
    /// [`UserError::NotRegistered`]; [`UserError::OwnerOnly`] for an admin about staff;
    /// [`AccountError::StaffOnly`](super::AccountError).
    pub async fn cancel_deletion(&self, user: UserId, caller: &Caller) -> Result<Done<User>, CommandError> {
        let (by, at) = (acting_staff(&self.executor, caller).await?, self.executor.now());
        let unit = Unit::new().on::<User>(user, CancelDeletion { at });
        let unit = on_person(&self.executor, unit, user, (by, at)).await?;
        self.executor.run_one(unit, caller).await
    }

    /// Carries out a deletion whose grace is over. For the program itself; harmless when repeated.
    ///
    /// # Errors
    /// What [`Executor::run`](crate::Executor::run) refuses.
    pub async fn erase(&self, user: UserId, caller: &Caller) -> Result<Erasing, CommandError> {
        let erased = self.executor.run::<User>(user, EraseUser { at: self.executor.now() }, caller).await;
        match erased {
            Ok(_) => Ok(Erasing::Erased),
            Err(error) => match error.reason() {
                Some(UserError::DeletionNotDue(due)) => Ok(Erasing::NotDue(*due)),
                Some(UserError::DeletionNotRequested) => Ok(Erasing::NotWanted),
                _ => Err(error),
            },
        }
    }

    /// Destroys the data key of an erased person: nothing personal in the log can be read any more. It tells when that
    /// happened first. For the program itself; harmless when repeated.
    ///
    /// # Errors
    /// [`UserError::NotErased`]; [`CommandError::Unavailable`] if the key store cannot be reached.
    pub async fn destroy_key(&self, user: UserId, caller: &Caller) -> Result<DateTime<Utc>, CommandError> {
        if !matches!(caller.principal, Principal::System(_)) {
            return Err(CommandError::Forbidden);
        }
        // Irreversible: the log must say "erased" before the key goes, never the other way round.
        if self.user(user).await?.erased.is_none() {
            return Err(CommandError::rejected(UserError::NotErased));
        }
        Ok(self.executor.store().keys().destroy(Subject::of(user)).await?)
    }

    /// Records that the key is destroyed, and what became of the disks. For the program itself; harmless when repeated.
    ///
    /// # Errors
    /// As for [`Self::destroy_key`].
    pub async fn certify_erasure(
        &self,
        user: UserId,
        disk: Option<DiskPurge>,
        caller: &Caller,
    ) -> Result<Done<User>, CommandError> {
        // Again, although the handler did it: who certifies makes sure of it. A repeat keeps the first time.
        let destroyed_at = self.destroy_key(user, caller).await?;
        let command = CertifyErasure {
            destroyed_at,
            // A node that is cut off from the log may use its cached key for so long.
            live_until: destroyed_at + TimeDelta::from_std(KEY_CACHED_FOR).unwrap_or(TimeDelta::MAX),
            backups_until: destroyed_at + self.settings.key_backups_kept,
            disk,
            at: self.executor.now(),
        };
        self.executor.run(user, command, caller).await
    }
}
