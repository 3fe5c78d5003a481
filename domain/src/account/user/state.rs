//! The account as its events have made it, and what its events claim and keep outside the stream.

use super::{
    ContactKind, KeySleep, LastRequests, PendingReset, PendingVerification, UserErased, UserEvent,
    UserRegistered, UserSuspended,
};
use crate::{
    aggregate::{ClaimKind, Consequence, EventSourced},
    ids::{ChallengeId, SecretId, SessionId, Subject, UserId},
    personal::Personal,
    user::UserError,
    values::{self, Role},
};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// An account. Before its registration it is the default: no `registered_at`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct User {
    pub registered_at: Option<DateTime<Utc>>,
    pub subject: Subject,
    pub username: Option<Personal<String>>,
    /// The verified address, or the registered one as long as none is.
    pub email: Option<Personal<String>>,
    /// The address that is claimed.
    pub verified_email: Option<Personal<String>>,
    pub verified_phone: Option<Personal<String>>,
    /// The challenge by which the last contact was verified.
    pub verified_by: Option<ChallengeId>,
    /// The code that counts at present.
    pub verification: Option<PendingVerification>,
    pub reset: Option<PendingReset>,
    pub password: Option<SecretId>,
    pub role: Role,
    /// Sessions started under a lower one are dead, but for `kept_session`.
    pub epoch: u32,
    /// Carried over from an older epoch into the present one.
    pub kept_session: Option<SessionId>,
    /// Also one whose end has passed.
    pub suspension: Option<Suspension>,
    /// The invitation that has not been accepted yet.
    pub invitation: Option<PendingReset>,
    /// When something was last mailed, whether or not it still counts.
    pub asked: LastRequests,
    /// The last change of address that was stopped by its link.
    pub stopped_change: Option<ChallengeId>,
    pub keys: KeySleep,
    pub deletion: Option<PendingDeletion>,
    pub erased: Option<Erased>,
}

/// Staff keep the account's person out (USR-07).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Suspension {
    pub reason: Personal<String>,
    /// None: until somebody reinstates the account.
    pub until: Option<DateTime<Utc>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PendingDeletion {
    pub requested_at: DateTime<Utc>,
    pub erase_after: DateTime<Utc>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Erased {
    pub at: DateTime<Utc>,
    pub is_certified: bool,
}

impl User {
    pub const fn is_registered(&self) -> bool {
        self.registered_at.is_some() && self.erased.is_none()
    }

    /// Whether others may meet this person: not before the registration, nor once the deletion was asked for.
    pub const fn is_present(&self) -> bool {
        self.is_registered() && self.deletion.is_none()
    }

    /// True once any contact is verified (C-15).
    pub const fn is_verified(&self) -> bool {
        self.verified_email.is_some() || self.verified_phone.is_some()
    }

    /// The suspension that keeps its person out at this time.
    pub fn suspended(&self, at: DateTime<Utc>) -> Option<&Suspension> {
        self.suspension.as_ref().filter(|suspension| suspension.until.is_none_or(|until| at < until))
    }

    /// True for sessions of the present epoch, and for the one that was carried over into it.
    pub fn session_is_live(&self, session_epoch: u32, session: SessionId) -> bool {
        session_epoch == self.epoch || (session_epoch < self.epoch && self.kept_session == Some(session))
    }

    pub(super) fn registered(&self) -> Result<(), UserError> {
        self.is_registered().then_some(()).ok_or(UserError::NotRegistered)
    }

    pub(super) fn evolve(&mut self, event: &UserEvent) {
        match event {
            UserEvent::UserRegistered(e) => self.register(e),
            UserEvent::VerificationRequested(e) => self.await_verification(e),
            UserEvent::AddressCorrected(e) => self.correct(e),
            UserEvent::ContactVerified(e) => self.verify(e),
            UserEvent::EmailChangeCancelled(e) => self.cancel_email_change(e),
            UserEvent::PasswordResetRequested(e) => {
                self.reset = Some(PendingReset { challenge: e.challenge, requested_at: e.requested_at });
                self.asked.reset = Some(e.requested_at);
            }
            UserEvent::PasswordChanged(e) => self.change_password(e),
            UserEvent::SessionsInvalidated(e) => self.invalidate_sessions(e),
            UserEvent::UserDeletionRequested(e) => {
                let (requested_at, erase_after) = (e.requested_at, e.erase_after);
                self.deletion = Some(PendingDeletion { requested_at, erase_after });
                self.drop_pending();
            }
            UserEvent::UserDeletionCancelled(_) => self.deletion = None,
            UserEvent::UserErased(e) => self.erase(e),
            UserEvent::ErasureCertified(_) => {
                self.erased = self.erased.map(|erased| Erased { is_certified: true, ..erased });
            }
            UserEvent::RoleChanged(e) => self.role = e.role,
            UserEvent::UserSuspended(UserSuspended { reason, until, .. }) => {
                self.suspension = Some(Suspension { reason: reason.clone(), until: *until });
                self.drop_pending();
            }
            UserEvent::UserReinstated(_) => self.suspension = None,
            UserEvent::UserInvited(e) => {
                self.invitation = Some(PendingReset { challenge: e.challenge, requested_at: e.invited_at });
                self.asked.invitation = Some(e.invited_at);
            }
        }
    }

    /// What is left is that there was somebody, and the epoch, under which no session lives.
    fn erase(&mut self, e: &UserErased) {
        *self = Self {
            registered_at: self.registered_at,
            subject: self.subject,
            epoch: self.epoch,
            erased: Some(Erased { at: e.erased_at, is_certified: false }),
            ..Self::default()
        };
    }

    fn register(&mut self, e: &UserRegistered) {
        *self = Self {
            registered_at: Some(e.registered_at),
            subject: e.username.subject(),
            username: Some(e.username.clone()),
            email: Some(e.email.clone()),
            password: e.password,
            role: e.role,
            ..Self::default()
        };
    }

    fn verified(&self, contact: ContactKind) -> Option<&Personal<String>> {
        match contact {
            ContactKind::Email => self.verified_email.as_ref(),
            ContactKind::Phone => self.verified_phone.as_ref(),
        }
    }
}

fn contact_claim(contact: ContactKind, address: &Personal<String>) -> Option<(ClaimKind, String)> {
    let address = address.known()?;
    Some(match contact {
        ContactKind::Email => (ClaimKind::Email, values::fold_email(address)),
        ContactKind::Phone => (ClaimKind::Phone, address.clone()),
    })
}

impl EventSourced for User {
    type Id = UserId;

    fn owner(&self, id: UserId) -> Option<UserId> {
        Some(id)
    }

    /// A value that cannot be read here (sealed, erased) claims and releases nothing.
    fn consequences(&self, event: &UserEvent) -> Vec<Consequence> {
        let mut consequences = self.claimed(event);
        consequences.extend(self.indexed(event));
        consequences
    }
}

impl User {
    fn claimed(&self, event: &UserEvent) -> Vec<Consequence> {
        match event {
            UserEvent::UserRegistered(e) => {
                let claim = e
                    .username
                    .known()
                    .map(|name| Consequence::Claim(ClaimKind::Username, values::fold_username(name)));
                claim.into_iter().chain(e.password.map(Consequence::Keep)).collect()
            }
            UserEvent::ContactVerified(e) => self.contact_consequences(e.contact, &e.address),
            UserEvent::PasswordChanged(e) => {
                let former = self.password.filter(|former| *former != e.password);
                [Consequence::Keep(e.password)].into_iter().chain(former.map(Consequence::Forget)).collect()
            }
            UserEvent::UserErased(_) => self.all_released(),
            UserEvent::VerificationRequested(_)
            | UserEvent::AddressCorrected(_)
            | UserEvent::PasswordResetRequested(_)
            | UserEvent::EmailChangeCancelled(_)
            | UserEvent::SessionsInvalidated(_)
            | UserEvent::UserDeletionRequested(_)
            | UserEvent::UserDeletionCancelled(_)
            | UserEvent::ErasureCertified(_)
            | UserEvent::RoleChanged(_)
            | UserEvent::UserSuspended(_)
            | UserEvent::UserReinstated(_)
            | UserEvent::UserInvited(_) => Vec::new(),
        }
    }

    /// Username, verified addresses and the password are given up.
    fn all_released(&self) -> Vec<Consequence> {
        let username = self.username.as_ref().and_then(|name| name.known());
        let username = username.map(|name| (ClaimKind::Username, values::fold_username(name)));
        let contacts = [ContactKind::Email, ContactKind::Phone]
            .into_iter()
            .filter_map(|contact| contact_claim(contact, self.verified(contact)?));
        let claims = username.into_iter().chain(contacts);
        claims
            .map(|(kind, value)| Consequence::Release(kind, value))
            .chain(self.password.map(Consequence::Forget))
            .collect()
    }

    fn contact_consequences(&self, contact: ContactKind, address: &Personal<String>) -> Vec<Consequence> {
        let Some((kind, claimed)) = contact_claim(contact, address) else { return Vec::new() };
        let former = self.verified(contact).and_then(|former| contact_claim(contact, former));
        let released = former.filter(|(_, value)| *value != claimed);
        [Consequence::Claim(kind, claimed)]
            .into_iter()
            .chain(released.map(|(kind, value)| Consequence::Release(kind, value)))
            .collect()
    }
}

#[cfg(test)]
#[path = "state_tests.rs"]
mod tests;
