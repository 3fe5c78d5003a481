//! What the events of an account make of it, claim and keep.

use super::*;
use crate::{
    fixtures::*,
    user::{InvalidationCause, PasswordCause, PasswordChanged, SessionsInvalidated, UserDeletionCancelled},
};

fn after(events: &[UserEvent]) -> User {
    events.iter().fold(User::default(), |mut user, event| {
        user.evolve(event);
        user
    })
}

fn invalidated(epoch: u32, kept: Option<SessionId>) -> UserEvent {
    let cause = InvalidationCause::Requested;
    SessionsInvalidated { epoch, kept, cause, invalidated_at: at(9) }.into()
}

fn claim(kind: ClaimKind, value: &str) -> Consequence {
    Consequence::Claim(kind, value.to_owned())
}

#[test]
fn erased_account_gives_up_its_names_its_addresses_and_its_password() {
    let user = after(&[registered(), verified("Jane@Example.com", challenge(1), 5), deletion(5, 6)]);
    let erased = UserErased { requested_at: at(5), erased_at: at(9) }.into();

    let consequences = user.consequences(&erased);

    let release = |kind, value: &str| Consequence::Release(kind, value.to_owned());
    assert_eq!(
        consequences,
        [
            release(ClaimKind::Username, "jane"),
            release(ClaimKind::Email, "jane@example.com"),
            Consequence::Forget(secret(1)),
        ]
    );
    let nobody = after(&[registered(), deletion(5, 6), erased]);
    assert!(!nobody.is_registered() && nobody.username.is_none() && nobody.password.is_none());
}

#[test]
fn nobody_meets_who_asked_for_deletion() {
    let leaving = [registered(), deletion(5, 6)];
    let back = [registered(), deletion(5, 6), UserDeletionCancelled { cancelled_at: at(6) }.into()];

    assert!(after(&leaving[..1]).is_present() && after(&back).is_present());
    assert!(!after(&leaving).is_present() && after(&leaving).is_registered());
    assert!(!User::default().is_present());
}

#[test]
fn registration_claims_the_folded_username_and_keeps_the_password() {
    let consequences = User::default().consequences(&registered());

    let found = claim(ClaimKind::AwaitedEmail, "jane@example.com");
    assert_eq!(consequences, [claim(ClaimKind::Username, "jane"), Consequence::Keep(secret(1)), found]);
}

#[test]
fn verified_address_is_claimed_folded_and_replaces_the_former_one() {
    let user = after(&[registered(), verified("Jane@Example.com", challenge(1), 5)]);

    let consequences = user.consequences(&verified("new@example.com", challenge(2), 9));

    let released = Consequence::Release(ClaimKind::Email, "jane@example.com".to_owned());
    assert_eq!(consequences, [claim(ClaimKind::Email, "new@example.com"), released]);
}

#[test]
fn same_address_in_another_case_is_not_released() {
    let user = after(&[registered(), verified("jane@example.com", challenge(1), 5)]);

    let consequences = user.consequences(&verified("JANE@example.com", challenge(2), 9));

    assert_eq!(consequences, [claim(ClaimKind::Email, "jane@example.com")]);
}

#[test]
fn unreadable_values_claim_nothing() {
    let erased = Personal::Erased { subject: Subject::of(jane()) };
    let UserEvent::UserRegistered(mut event) = registered() else { unreachable!() };
    event.username = erased.clone();
    event.email = erased;

    assert_eq!(User::default().consequences(&event.into()), [Consequence::Keep(secret(1))]);
}

#[test]
fn new_password_is_kept_and_the_former_forgotten() {
    let changed =
        PasswordChanged { password: secret(2), cause: PasswordCause::Changed, changed_at: at(1) }.into();

    let consequences = after(&[registered()]).consequences(&changed);

    assert_eq!(consequences, [Consequence::Keep(secret(2)), Consequence::Forget(secret(1))]);
}

#[test]
fn sessions_of_older_epochs_are_dead_but_for_the_kept_one() {
    let user = after(&[registered(), invalidated(1, Some(session(1)))]);

    assert!(user.session_is_live(0, session(1)));
    assert!(user.session_is_live(1, session(2)));
    assert!(!user.session_is_live(0, session(3)));
}

#[test]
fn kept_session_is_dead_after_the_next_invalidation() {
    let user = after(&[registered(), invalidated(1, Some(session(1))), invalidated(2, None)]);

    assert!(!user.session_is_live(0, session(1)));
}
