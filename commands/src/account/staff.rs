//! Staff act on another's account: role, suspension, sessions (USR-04, USR-07, C-18).
//!
//! Whoever acts is read in the same append: nobody acts by a role that was taken a moment ago, and of two owners who
//! demote each other one stays.

use super::{AccountError, Accounts, signed_in, step_up::Proven};
use crate::{Caller, CommandError, Done, Executor, Refusal, Unit, Warrant};
use chrono::{DateTime, Utc};
use domain::{
    UserId,
    user::{
        ActingStaff, ChangeRole, InvalidateSessions, InvalidationCause, ReinstateUser, SuspendUser, User,
    },
    values::{Email, Role, SuspensionReason},
};
use secrecy::SecretString;

/// What is to be changed, all or nothing; absent: it stays.
#[derive(Clone, Debug, Default)]
pub struct StandingChange {
    pub role: Option<Role>,
    pub suspension: Option<SuspensionChange>,
    /// Corrects the address of an account that nobody has verified.
    pub address: Option<Email>,
    /// The password of whoever acts, for what makes somebody staff.
    pub proof: Option<SecretString>,
}

#[derive(Clone, Debug)]
pub enum SuspensionChange {
    Suspend {
        reason: SuspensionReason,
        /// None: until somebody reinstates the account.
        until: Option<DateTime<Utc>>,
    },
    Reinstate,
}

impl Accounts {
    /// Changes an account's role and suspension; what is as it was adds no event. A new role and a suspension end all
    /// of its sessions. `if_match` is the version of the account that the client has seen. Who makes somebody staff shows
    /// that they are there.
    ///
    /// # Errors
    /// [`UserError`](domain::user::UserError): `OwnStanding`, `OwnerOnly`, `SuspensionEnded`;
    /// [`AccountError::StaffOnly`], [`AccountError::PasswordNeeded`], [`AccountError::WrongPassword`]; [`CommandError::NotFound`]; [`CommandError::PreconditionFailed`].
    pub async fn change_standing(
        &self,
        user: UserId,
        change: StandingChange,
        if_match: Option<i64>,
        caller: &Caller,
    ) -> Result<Done<User>, CommandError> {
        let (by, at) = (acting_staff(&self.executor, caller).await?, self.executor.now());
        let proven = self.proven_to_appoint(user, &change, by, caller).await?;
        let mut unit = Unit::new().if_match(if_match);
        let role = match change {
            // Nothing is asked for: the role that the account has adds no event, and is refused where it must be.
            StandingChange { role: None, suspension: None, address: None, .. } => {
                Some(self.user(user).await?.role)
            }
            StandingChange { role, .. } => role,
        };
        if let Some(role) = role {
            unit = unit.on::<User>(user, ChangeRole { role, by, at });
        }
        unit = match change.suspension {
            Some(SuspensionChange::Suspend { reason, until }) => {
                unit.on::<User>(user, SuspendUser { reason, until, by, at })
            }
            Some(SuspensionChange::Reinstate) => unit.on::<User>(user, ReinstateUser { by, at }),
            None => unit,
        };
        if let Some(address) = change.address {
            unit = self.correcting_as_staff(unit, user, &address, by, at).await?;
        }
        let unit = on_person(&self.executor, unit, user, (by, at)).await?;
        let unit = proven.into_iter().fold(unit, |unit, proven| proven.stands(unit, at));
        self.executor.run_one(unit, caller).await
    }

    /// Whoever makes somebody staff, or decides who reads the mail of somebody who will be, shows that they are there:
    /// what a stolen access token appoints would outlive its session. None: nobody is appointed, or by no owner, whom the
    /// decision refuses.
    async fn proven_to_appoint(
        &self,
        user: UserId,
        change: &StandingChange,
        by: ActingStaff,
        caller: &Caller,
    ) -> Result<Option<Proven>, CommandError> {
        let is_asked = change.role.is_some_and(Role::is_staff) || change.address.is_some();
        if !is_asked || by.role != Role::Owner || self.executor.replayed(caller).await?.is_some() {
            return Ok(None);
        }
        let account = self.user(user).await?;
        let becomes = change.role.unwrap_or(account.role);
        let appoints = becomes.is_staff() && (becomes != account.role || change.address.is_some());
        match appoints {
            true => self.prove(change.proof.clone(), caller).await.map(Some),
            false => Ok(None),
        }
    }

    /// Ends all sessions of another's account.
    ///
    /// # Errors
    /// [`AccountError::StaffOnly`], also for an admin about staff; [`CommandError::NotFound`].
    pub async fn end_sessions_of(&self, user: UserId, caller: &Caller) -> Result<Done<User>, CommandError> {
        let (by, at) = (acting_staff(&self.executor, caller).await?, self.executor.now());
        let (kept, cause) = (None, InvalidationCause::Requested);
        let unit = Unit::new().on::<User>(user, InvalidateSessions { kept, cause, at });
        let unit = on_person(&self.executor, unit, user, (by, at)).await?;
        self.executor.run_one(unit, caller).await
    }
}

/// Who acts, as the log has it by now.
pub(crate) async fn acting_staff(executor: &Executor, caller: &Caller) -> Result<ActingStaff, CommandError> {
    let (user, _) = signed_in(caller)?;
    let account = executor.store().load_fresh::<User>(user).await?.state;
    is_staff(&account, account.role, executor.now())?;
    Ok(ActingStaff { user, role: account.role })
}

/// Stands on the acting account's being what it was found to be.
pub(crate) fn staffed(unit: Unit, by: ActingStaff, at: DateTime<Utc>) -> Unit {
    unit.warranted(Warrant::Staff).reads::<User>(by.user, move |account| is_staff(account, by.role, at))
}

/// The one rule of reach: every use case in which staff act on a person's things stands on this.
/// Owner above admin above everybody else. It is asked before anything else is said of the person, and both accounts are
/// read again in the append.
///
/// # Errors
/// [`UserError::OwnerOnly`](domain::user::UserError).
pub(crate) async fn on_person(
    executor: &Executor,
    unit: Unit,
    user: UserId,
    (by, at): (ActingStaff, DateTime<Utc>),
) -> Result<Unit, CommandError> {
    reached(executor, user, by).await?;
    Ok(reaching(unit, user, by, at))
}

/// The first half of [`on_person`].
pub(crate) async fn reached(executor: &Executor, user: UserId, by: ActingStaff) -> Result<(), CommandError> {
    let account = executor.store().load_fresh::<User>(user).await?.state;
    by.reaches(&account).map_err(CommandError::rejected)
}

/// The second half of [`on_person`].
pub(crate) fn reaching(unit: Unit, user: UserId, by: ActingStaff, at: DateTime<Utc>) -> Unit {
    staffed(unit, by, at).reads::<User>(user, move |account| by.reaches(account).map_err(Refusal::new))
}

/// Keys of services are an owner's alone.
pub(super) fn as_owner(by: ActingStaff) -> Result<ActingStaff, CommandError> {
    if by.role == Role::Owner { Ok(by) } else { Err(CommandError::rejected(AccountError::OwnersKeys)) }
}

fn is_staff(account: &User, role: Role, at: DateTime<Utc>) -> Result<(), Refusal> {
    let acts = role.is_staff() && account.role == role && account.suspended(at).is_none();
    if acts { Ok(()) } else { Err(Refusal::new(AccountError::StaffOnly)) }
}
