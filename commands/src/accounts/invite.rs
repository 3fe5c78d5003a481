//! Staff make an account for somebody, who sets the first password by a mailed token (USR-02, ASVS 6.4.6).

use super::{
    Accounts, Registered,
    register::{opening, registered},
    staff::staffed,
};
use crate::{Caller, CommandError};
use domain::{
    ClaimKind, Personal, Subject, UserId,
    challenge::{Challenge, ChallengePurpose, IssueChallenge},
    user::{ContactKind, InviteUser, User, UserError},
    values::{Email, Role, Username},
};

/// For whom the account is.
#[derive(Clone, Debug)]
pub struct Invitation {
    pub username: Username,
    pub email: Email,
    pub role: Role,
}

impl Accounts {
    /// Makes an account without a password and mails an invitation to its address.
    ///
    /// # Errors
    /// [`UserError::OwnerOnly`] for an admin who invites staff;
    /// [`AccountError::StaffOnly`](super::AccountError::StaffOnly); [`CommandError::Duplicate`] for a taken username,
    /// or an address that another account has verified.
    pub async fn invite(&self, form: Invitation, caller: &Caller) -> Result<Registered, CommandError> {
        if let Some(outcome) = self.executor.replayed(caller).await? {
            return registered(&outcome);
        }
        let by = self.acting_staff(caller).await?;
        let Invitation { username, email, role } = form;
        if role.is_staff() && by.role != Role::Owner {
            return Err(CommandError::rejected(UserError::OwnerOnly));
        }
        if self.executor.store().claim_owner(ClaimKind::Email, &email.folded()).await?.is_some() {
            return Err(CommandError::Duplicate(ClaimKind::Email));
        }
        let at = self.executor.now();
        let user = UserId::mint(at, self.executor.mint().id_bytes());
        let challenge = self.new_challenge(at);
        let issue = IssueChallenge {
            user,
            purpose: ChallengePurpose::ResetPassword,
            channel: ContactKind::Email,
            address: Personal::new(Subject::of(user), email.as_str().to_owned()),
            at,
            lifetime: self.settings.invitation_lifetime,
            attempts: 1,
        };
        let unit = opening(user, (username, email), None, role, at)
            .on::<User>(user, InviteUser { challenge, at })
            .begin::<Challenge>(challenge, issue);
        registered(&self.executor.run_all(staffed(unit, by, at), caller).await?)
    }
}
