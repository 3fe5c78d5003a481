//! A change of the e-mail address: asked for, asked for once more, taken back, stopped from the former address.
//!
//! The former address counts until the code that went to the new one is used, within a session of the person.

use super::{
    ContactKind, EmailChangeCancelled, EmailChangeCause, InvalidateSessions, InvalidationCause, User,
    UserError, UserEvent, VerificationRequested,
    pending::{is_same, seconds_left},
};
use crate::{aggregate::Decide, ids::ChallengeId, personal::Personal, values::Email};
use chrono::{DateTime, Utc};

/// Asks for a code at another address, at most once in 60 s. The code before it no longer counts.
#[derive(Clone, Debug)]
pub struct RequestEmailChange {
    pub address: Email,
    /// Issued in the same append.
    pub challenge: ChallengeId,
    pub at: DateTime<Utc>,
}

impl Decide<User> for RequestEmailChange {
    fn decide(&self, user: &User) -> Result<Vec<UserEvent>, UserError> {
        user.registered()?;
        let address = Personal::new(user.subject, self.address.as_str().to_owned());
        if user.verified_email.as_ref().is_some_and(|verified| is_same(verified, &address)) {
            return Err(UserError::AlreadyVerified);
        }
        asked_for(user, address, self.challenge, self.at)
    }
}

/// Asks for another code for the change that is pending. It never begins one: a change that was stopped meanwhile stays
/// stopped, and no code for one address verifies another.
#[derive(Clone, Debug)]
pub struct RepeatEmailChange {
    /// A fact: where the code is mailed.
    pub address: Personal<String>,
    /// Issued in the same append.
    pub challenge: ChallengeId,
    pub at: DateTime<Utc>,
}

impl Decide<User> for RepeatEmailChange {
    fn decide(&self, user: &User) -> Result<Vec<UserEvent>, UserError> {
        user.registered()?;
        let pending = user.pending_change().filter(|pending| pending.address == self.address);
        let address = pending.ok_or(UserError::NoEmailChange)?.address.clone();
        asked_for(user, address, self.challenge, self.at)
    }
}

fn asked_for(
    user: &User,
    address: Personal<String>,
    challenge: ChallengeId,
    at: DateTime<Utc>,
) -> Result<Vec<UserEvent>, UserError> {
    let seconds = user.asked.verification.map_or(0, |last| seconds_left(last, at));
    if seconds > 0 {
        return Err(UserError::TooSoon { seconds });
    }
    let contact = ContactKind::Email;
    Ok(vec![VerificationRequested { contact, address, challenge, requested_at: at }.into()])
}

/// The person thinks better of it, or ends the session of somebody else. Where nothing is pending it adds nothing.
#[derive(Clone, Debug)]
pub struct CancelEmailChange {
    /// `Stopped` has a command of its own.
    pub cause: EmailChangeCause,
    pub at: DateTime<Utc>,
}

impl Decide<User> for CancelEmailChange {
    fn decide(&self, user: &User) -> Result<Vec<UserEvent>, UserError> {
        user.registered()?;
        let cancelled = user.pending_change().map(|pending| {
            let (change, cause, cancelled_at) = (pending.first, self.cause, self.at);
            EmailChangeCancelled { change, cause, cancelled_at }.into()
        });
        Ok(cancelled.into_iter().collect())
    }
}

/// Whoever reads the mail of the present address says that the change is not theirs: it ends, every session ends, and
/// API keys sleep. The repeat of the same link changes nothing.
#[derive(Clone, Debug)]
pub struct StopEmailChange {
    /// Of the change's first request.
    pub change: ChallengeId,
    pub at: DateTime<Utc>,
}

impl Decide<User> for StopEmailChange {
    fn decide(&self, user: &User) -> Result<Vec<UserEvent>, UserError> {
        user.registered()?;
        if user.stopped_change == Some(self.change) {
            return Ok(Vec::new());
        }
        if user.pending_change().is_none_or(|pending| pending.first != self.change) {
            return Err(UserError::NoEmailChange);
        }
        let (change, cause, cancelled_at) = (self.change, EmailChangeCause::Stopped, self.at);
        let cancelled = EmailChangeCancelled { change, cause, cancelled_at };
        let ended =
            InvalidateSessions { kept: None, cause: InvalidationCause::EmailChangeStopped, at: self.at };
        Ok([vec![cancelled.into()], ended.decide(user)?].concat())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        fixtures::*,
        user::{SessionsInvalidated, VerifyContact},
    };
    use cqrs_es::test::TestFramework;

    fn ask(address: &str, second: i64) -> RequestEmailChange {
        RequestEmailChange { address: email(address), challenge: challenge(3), at: at(second) }
    }

    fn settled() -> Vec<UserEvent> {
        vec![registered(), verified("Jane@example.com", challenge(1), 5)]
    }

    fn changing() -> Vec<UserEvent> {
        [settled(), vec![requested("new@example.com", challenge(2), 10)]].concat()
    }

    fn cancelled(cause: EmailChangeCause, second: i64) -> UserEvent {
        EmailChangeCancelled { change: challenge(2), cause, cancelled_at: at(second) }.into()
    }

    fn repeat(address: &str, second: i64) -> RepeatEmailChange {
        RepeatEmailChange { address: janes(address), challenge: challenge(3), at: at(second) }
    }

    fn stop(n: u128) -> StopEmailChange {
        StopEmailChange { change: challenge(n), at: at(90) }
    }

    fn stopped() -> [UserEvent; 2] {
        let cause = InvalidationCause::EmailChangeStopped;
        let ended = SessionsInvalidated { epoch: 1, kept: None, cause, invalidated_at: at(90) };
        [cancelled(EmailChangeCause::Stopped, 90), ended.into()]
    }

    #[test]
    fn change_asks_for_a_code_at_the_new_address_once_a_minute() {
        TestFramework::<User>::with(())
            .given(settled())
            .when(ask("new@example.com", 10).into())
            .then_expect_events(vec![requested("new@example.com", challenge(3), 10)]);
        TestFramework::<User>::with(())
            .given(changing())
            .when(ask("another@example.com", 69).into())
            .then_expect_error(UserError::TooSoon { seconds: 1 });
        TestFramework::<User>::with(())
            .given(changing())
            .when(ask("another@example.com", 70).into())
            .then_expect_events(vec![requested("another@example.com", challenge(3), 70)]);
    }

    #[test]
    fn present_address_is_no_change() {
        TestFramework::<User>::with(())
            .given(settled())
            .when(ask("JANE@example.com", 100).into())
            .then_expect_error(UserError::AlreadyVerified);
    }

    #[test]
    fn repeat_is_for_the_very_address_that_is_pending() {
        TestFramework::<User>::with(())
            .given(changing())
            .when(repeat("new@example.com", 70).into())
            .then_expect_events(vec![requested("new@example.com", challenge(3), 70)]);
        for (history, address) in [
            (changing(), "another@example.com"),
            (settled(), "new@example.com"),
            ([changing(), vec![cancelled(EmailChangeCause::Requested, 20)]].concat(), "new@example.com"),
            (vec![registered(), requested("Jane@example.com", challenge(2), 1)], "Jane@example.com"),
        ] {
            TestFramework::<User>::with(())
                .given(history)
                .when(repeat(address, 500).into())
                .then_expect_error(UserError::NoEmailChange);
        }
    }

    #[test]
    fn cancelled_change_is_over_and_its_code_verifies_nothing() {
        let cancel = |second| CancelEmailChange { cause: EmailChangeCause::Requested, at: at(second) };
        let over = [changing(), vec![cancelled(EmailChangeCause::Requested, 20)]].concat();
        TestFramework::<User>::with(())
            .given(changing())
            .when(cancel(20).into())
            .then_expect_events(vec![cancelled(EmailChangeCause::Requested, 20)]);
        TestFramework::<User>::with(())
            .given(over.clone())
            .when(cancel(30).into())
            .then_expect_events(vec![]);
        TestFramework::<User>::with(())
            .given(over.clone())
            .when(VerifyContact { challenge: challenge(2), session: Some(session(1)), at: at(30) }.into())
            .then_expect_error(UserError::VerificationNotPending);
        TestFramework::<User>::with(())
            .given(over)
            .when(ask("third@example.com", 40).into())
            .then_expect_error(UserError::TooSoon { seconds: 30 });
    }

    #[test]
    fn first_code_is_no_change_and_is_not_cancelled() {
        let history = vec![registered(), requested("Jane@example.com", challenge(2), 1)];
        let cancel = CancelEmailChange { cause: EmailChangeCause::Requested, at: at(9) };
        TestFramework::<User>::with(()).given(history.clone()).when(cancel.into()).then_expect_events(vec![]);
        TestFramework::<User>::with(())
            .given(history)
            .when(stop(2).into())
            .then_expect_error(UserError::NoEmailChange);
    }

    #[test]
    fn stopping_ends_the_change_and_every_session_once() {
        let again = [changing(), stopped().to_vec()].concat();
        TestFramework::<User>::with(())
            .given(changing())
            .when(stop(2).into())
            .then_expect_events(stopped().to_vec());
        TestFramework::<User>::with(()).given(again).when(stop(2).into()).then_expect_events(vec![]);
    }

    #[test]
    fn one_link_stops_the_change_whatever_was_asked_for_since_and_no_other_change() {
        let elsewhere = [changing(), vec![requested("third@example.com", challenge(4), 75)]].concat();
        TestFramework::<User>::with(())
            .given(elsewhere.clone())
            .when(stop(2).into())
            .then_expect_events(stopped().to_vec());
        let done = [changing(), vec![verified("new@example.com", challenge(2), 20)]].concat();
        for (history, link) in [(elsewhere, 4), (settled(), 2), (done, 2)] {
            TestFramework::<User>::with(())
                .given(history)
                .when(stop(link).into())
                .then_expect_error(UserError::NoEmailChange);
        }
    }
}
