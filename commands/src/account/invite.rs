//! Staff make an account for somebody, who sets the first password by a mailed token (USR-02, ASVS 6.4.6).

use super::{
    Accounts, Registered,
    register::opening,
    staff::{acting_staff, on_person, staffed},
    step_up::still_at,
};
use crate::{Caller, CommandError, Done, Unit};
use chrono::{DateTime, Utc};
use domain::{
    ClaimKind, Personal, Subject, UserId,
    challenge::{Challenge, ChallengePurpose, IssueChallenge},
    user::{ContactKind, InviteUser, User, UserError},
    values::{Email, Role, Username},
};
use secrecy::SecretString;

/// For whom the account is.
#[derive(Clone, Debug)]
pub struct Invitation {
    pub username: Username,
    pub email: Email,
    pub role: Role,
    /// The password of whoever invites, for a role of staff.
    pub proof: Option<SecretString>,
}

impl Accounts {
    /// Makes an account without a password and mails an invitation to its address.
    ///
    /// # Errors
    /// [`UserError::OwnerOnly`] for an admin who invites staff;
    /// [`AccountError::StaffOnly`](super::AccountError::StaffOnly); `PasswordNeeded`, `WrongPassword` where an owner
    /// does; [`CommandError::Duplicate`] for a taken username,
    /// or an address that another account has verified.
    pub async fn invite(&self, form: Invitation, caller: &Caller) -> Result<Registered, CommandError> {
        if let Some(outcome) = self.executor.replayed(caller).await? {
            return self.registered(&outcome);
        }
        let by = acting_staff(&self.executor, caller).await?;
        let Invitation { username, email, role, proof } = form;
        if role.is_staff() && by.role != Role::Owner {
            return Err(CommandError::rejected(UserError::OwnerOnly));
        }
        if self.executor.store().claim_owner(ClaimKind::Email, &email.folded()).await?.is_some() {
            return Err(CommandError::Duplicate(ClaimKind::Email));
        }
        let proven = match role.is_staff() {
            true => Some(self.prove(proof, caller).await?),
            false => None,
        };
        let at = self.executor.now();
        let user = UserId::mint(at, self.executor.mint().id_bytes());
        let address = Personal::new(Subject::of(user), email.as_str().to_owned());
        let unit = self.inviting(opening(user, (username, email), None, role, at), user, address, at);
        let unit = proven.into_iter().fold(staffed(unit, by, at), |unit, proven| proven.stands(unit, at));
        self.registered(&self.executor.run_all(unit, caller).await?)
    }

    /// Mails another invitation, at most once in 60 s; the one before no longer counts.
    ///
    /// # Errors
    /// [`UserError::HasPassword`], [`UserError::TooSoon`];
    /// [`AccountError::StaffOnly`](super::AccountError::StaffOnly); [`CommandError::NotFound`].
    pub async fn invite_again(&self, user: UserId, caller: &Caller) -> Result<Done<User>, CommandError> {
        if let Some(outcome) = self.executor.replayed(caller).await? {
            return self.executor.recall(&outcome).await;
        }
        let (by, at) = (acting_staff(&self.executor, caller).await?, self.executor.now());
        let address = self.user(user).await?.email.ok_or(CommandError::NotFound)?;
        let inviting = self.inviting(Unit::new(), user, address.clone(), at);
        let inviting = inviting.reads::<User>(user, move |account| still_at(account, &address));
        let unit = on_person(&self.executor, inviting, user, (by, at)).await?;
        self.executor.run_one(unit, caller).await
    }

    pub(super) fn inviting(
        &self,
        unit: Unit,
        user: UserId,
        address: Personal<String>,
        at: DateTime<Utc>,
    ) -> Unit {
        let challenge = self.new_challenge(at);
        let issue = IssueChallenge {
            user,
            purpose: ChallengePurpose::ResetPassword,
            channel: ContactKind::Email,
            address,
            at,
            lifetime: self.settings.invitation_lifetime,
            attempts: 1,
        };
        unit.on::<User>(user, InviteUser { challenge, at }).begin::<Challenge>(challenge, issue)
    }
}
