//! Outstanding codes, tokens and address changes of an account, and the events that cancel them.
//!
//! The fold drops them, so that no command can forget to: whatever says "this is not me" ends all of them at once.

use super::{
    AddressCorrected, ContactVerified, EmailChangeCancelled, EmailChangeCause, InvalidationCause, User,
    VerificationRequested,
};
use crate::{
    ids::ChallengeId,
    personal::Personal,
    user::{ContactKind, PasswordCause, PasswordChanged, SessionsInvalidated},
};
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

/// Between two codes, or two reset tokens, of one account: 60 s (AUTH-09, section 7).
pub const RESEND_GAP: TimeDelta = TimeDelta::seconds(60);

/// A code that counts: of the first verification, or of a change of address where a contact is verified already.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PendingVerification {
    pub challenge: ChallengeId,
    pub contact: ContactKind,
    pub address: Personal<String>,
    pub requested_at: DateTime<Utc>,
    /// When this address was first asked for.
    pub since: DateTime<Utc>,
    /// Of the first request since nothing was pending: names the change whatever is asked for meanwhile.
    pub first: ChallengeId,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PendingReset {
    pub challenge: ChallengeId,
    pub requested_at: DateTime<Utc>,
}

/// When something was last mailed. It outlives what is dropped, so that dropping makes no room for another mail;
/// what was used does make room.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LastRequests {
    pub verification: Option<DateTime<Utc>>,
    pub reset: Option<DateTime<Utc>>,
    pub invitation: Option<DateTime<Utc>>,
}

/// What a reset of the password means for API keys: those of before it sleep until their person confirms them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeySleep {
    /// Raised by each reset. Keys of a lower one sleep.
    pub epoch: u32,
    /// The last reset: for keys that were made before keys knew an epoch.
    pub since: Option<DateTime<Utc>>,
}

impl User {
    /// The change of address that waits for its code. Before the first verification there is none.
    pub fn pending_change(&self) -> Option<&PendingVerification> {
        self.verification.as_ref().filter(|_| self.is_verified())
    }

    /// Whether this challenge's token sets the first password.
    pub fn is_invited_by(&self, challenge: ChallengeId) -> bool {
        self.invitation.is_some_and(|pending| pending.challenge == challenge)
    }

    /// True within [`RESEND_GAP`] of the last request for a code.
    pub fn is_too_soon_for_a_code(&self, at: DateTime<Utc>) -> bool {
        self.asked.verification.is_some_and(|last| seconds_left(last, at) > 0)
    }

    /// False within [`RESEND_GAP`] of the last reset request.
    pub fn reset_may_be_requested(&self, at: DateTime<Utc>) -> bool {
        self.asked.reset.is_none_or(|last| seconds_left(last, at) == 0)
    }

    pub(super) fn await_verification(&mut self, e: &VerificationRequested) {
        let former = self.verification.take();
        let same = former.as_ref().filter(|former| is_same(&former.address, &e.address));
        self.asked.verification = Some(e.requested_at);
        self.verification = Some(PendingVerification {
            challenge: e.challenge,
            contact: e.contact,
            address: e.address.clone(),
            requested_at: e.requested_at,
            since: same.map_or(e.requested_at, |former| former.since),
            first: former.as_ref().map_or(e.challenge, |former| former.first),
        });
    }

    /// Whatever was sent to the mistyped address is void, and the right one has had no mail yet.
    pub(super) fn correct(&mut self, e: &AddressCorrected) {
        self.email = Some(e.address.clone());
        self.drop_pending();
        self.asked.verification = None;
        self.asked.invitation = None;
    }

    /// What was mailed to another address than the account now has proves nothing any more.
    pub(super) fn verify(&mut self, e: &ContactVerified) {
        match e.contact {
            ContactKind::Email => {
                if !self.email.as_ref().is_some_and(|former| is_same(former, &e.address)) {
                    self.reset = None;
                    self.invitation = None;
                }
                self.email = Some(e.address.clone());
                self.verified_email = Some(e.address.clone());
            }
            ContactKind::Phone => self.verified_phone = Some(e.address.clone()),
        }
        self.verified_by = e.challenge;
        self.verification = None;
        self.asked.verification = None;
    }

    /// A rehash is the same password; every other new one drops what is out, and a reset puts API keys to sleep.
    pub(super) fn change_password(&mut self, e: &PasswordChanged) {
        self.password = Some(e.password);
        match e.cause {
            PasswordCause::Rehashed => {}
            PasswordCause::Changed => self.drop_pending(),
            PasswordCause::Reset => {
                self.drop_pending();
                self.asked.reset = None;
                self.sleep_keys(e.changed_at);
            }
        }
    }

    /// Another role is no sign that somebody else was here: an invitation and the code of the first verification, which
    /// are nobody else's doing, stay good; everything else goes.
    pub(super) fn invalidate_sessions(&mut self, e: &SessionsInvalidated) {
        self.epoch = e.epoch;
        self.kept_session = e.kept;
        let by_role = e.cause == InvalidationCause::RoleChanged;
        let invitation = self.invitation.filter(|_| by_role);
        let first = self.verification.take().filter(|_| by_role && !self.is_verified());
        self.drop_pending();
        self.invitation = invitation;
        self.verification = first;
    }

    pub(super) fn cancel_email_change(&mut self, e: &EmailChangeCancelled) {
        self.verification = None;
        if e.cause == EmailChangeCause::Stopped {
            self.stopped_change = Some(e.change);
            self.sleep_keys(e.cancelled_at);
        }
    }

    pub(super) fn drop_pending(&mut self) {
        self.verification = None;
        self.reset = None;
        self.invitation = None;
    }

    const fn sleep_keys(&mut self, at: DateTime<Utc>) {
        self.keys.epoch = self.keys.epoch.saturating_add(1);
        self.keys.since = Some(at);
    }
}

/// Whole seconds of [`RESEND_GAP`] that remain at `now`; a clock that went back counts as no time passed.
pub(super) fn seconds_left(last: DateTime<Utc>, now: DateTime<Utc>) -> i64 {
    let elapsed = (now - last).max(TimeDelta::zero());
    let left = (RESEND_GAP - elapsed).num_milliseconds().max(0);
    (left + 999) / 1_000
}

/// Whatever the case of its letters.
pub(super) fn is_same(one: &Personal<String>, other: &Personal<String>) -> bool {
    match (one.known(), other.known()) {
        (Some(one), Some(other)) => one.eq_ignore_ascii_case(other),
        _ => one == other,
    }
}

#[cfg(test)]
#[path = "pending_tests.rs"]
mod tests;
