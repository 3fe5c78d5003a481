//! What drops what is out for an account, and what does not.

use super::*;
use crate::{
    fixtures::*,
    user::{
        PasswordResetRequested, RoleChanged, UserDeletionCancelled, UserEvent, UserInvited, UserRegistered,
        UserReinstated, UserSuspended,
    },
    values::{AccountStatus, Role},
};

fn after(events: &[UserEvent]) -> User {
    events.iter().fold(User::default(), |mut user, event| {
        user.evolve(event);
        user
    })
}

fn invalidated(cause: InvalidationCause) -> UserEvent {
    SessionsInvalidated { epoch: 1, kept: Some(session(1)), cause, invalidated_at: at(9) }.into()
}

fn password(cause: PasswordCause) -> UserEvent {
    PasswordChanged { password: secret(2), cause, changed_at: at(9) }.into()
}

fn suspended() -> UserEvent {
    let (status, reason) = (AccountStatus::Suspended, janes("spam"));
    UserSuspended { status, reason, until: None, suspended_at: at(9) }.into()
}

fn reset(n: u128) -> UserEvent {
    PasswordResetRequested { challenge: challenge(n), requested_at: at(7) }.into()
}

/// Verified, with a change of address and a reset under way.
fn changing() -> Vec<UserEvent> {
    let before = verified("Jane@example.com", challenge(1), 5);
    vec![registered(), before, requested("new@example.com", challenge(2), 6), reset(3)]
}

fn invited() -> Vec<UserEvent> {
    let UserEvent::UserRegistered(event) = registered() else { unreachable!() };
    let invited = UserInvited { challenge: challenge(4), invited_at: at(8) };
    vec![UserRegistered { password: None, ..event }.into(), invited.into()]
}

/// Whatever says "this is not me".
fn disowning() -> Vec<UserEvent> {
    let mut all: Vec<UserEvent> = [
        InvalidationCause::PasswordChanged,
        InvalidationCause::PasswordReset,
        InvalidationCause::Requested,
        InvalidationCause::DeletionRequested,
        InvalidationCause::EmailChangeStopped,
    ]
    .map(invalidated)
    .into();
    all.extend([password(PasswordCause::Changed), password(PasswordCause::Reset)]);
    all.extend([suspended(), deletion(9, 20)]);
    all
}

#[test]
fn whatever_says_this_is_not_me_drops_changes_codes_resets_and_invitations() {
    for event in disowning() {
        let user = after(&[changing(), vec![event.clone()]].concat());
        assert_eq!((&user.verification, user.reset), (&None, None), "{event:?}");
        let first = [registered(), requested("Jane@example.com", challenge(2), 1), event.clone()];
        assert_eq!(after(&first).verification, None, "{event:?}");
        assert_eq!(after(&[invited(), vec![event.clone()]].concat()).invitation, None, "{event:?}");
    }
}

#[test]
fn dropping_makes_no_room_for_another_mail() {
    for event in disowning() {
        let user = after(&[changing(), vec![event.clone()]].concat());
        assert_eq!(user.asked.verification, Some(at(6)), "{event:?}");
        let by_its_token = event == password(PasswordCause::Reset);
        assert_eq!(user.reset_may_be_requested(at(10)), by_its_token, "{event:?}");
        let invited = after(&[invited(), vec![event.clone()]].concat());
        assert_eq!(invited.asked.invitation, Some(at(8)), "{event:?}");
    }
}

#[test]
fn another_role_drops_all_but_the_invitation_and_the_first_code() {
    let events = [
        RoleChanged { role: Role::Moderator, changed_at: at(9) }.into(),
        invalidated(InvalidationCause::RoleChanged),
    ];

    let changing = after(&[changing(), events.to_vec()].concat());
    let invited = after(&[invited(), events.to_vec()].concat());

    let first = [registered(), requested("Jane@example.com", challenge(2), 1)];
    assert_eq!((changing.verification, changing.reset), (None, None));
    assert!(after(&[first.to_vec(), events.to_vec()].concat()).verification.is_some());
    assert!(invited.is_invited_by(challenge(4)));
}

#[test]
fn stronger_hash_and_what_is_taken_back_drop_nothing() {
    for event in [
        password(PasswordCause::Rehashed),
        UserDeletionCancelled { cancelled_at: at(9) }.into(),
        UserReinstated { status: AccountStatus::Active, reinstated_at: at(9) }.into(),
    ] {
        let user = after(&[changing(), vec![event.clone()]].concat());
        assert!(user.verification.is_some() && user.reset.is_some(), "{event:?}");
        assert_eq!(user.keys, KeySleep::default(), "{event:?}");
    }
}

#[test]
fn another_address_drops_the_tokens_that_went_to_the_former() {
    let changed = after(&[changing(), vec![verified("new@example.com", challenge(2), 9)]].concat());
    let same = [registered(), reset(3), verified("JANE@example.com", challenge(2), 9)];

    assert_eq!((changed.reset, changed.asked.reset), (None, Some(at(7))));
    assert!(after(&same).reset.is_some(), "it went to the address that is verified now");
    assert_eq!(after(&same).asked.verification, None, "what was used makes room for another");
}

#[test]
fn change_keeps_its_name_and_the_time_since_its_address_was_asked_for() {
    let again = [changing(), vec![requested("NEW@example.com", challenge(5), 70)]].concat();
    let other = [again.clone(), vec![requested("third@example.com", challenge(6), 140)]].concat();

    for (events, since) in [(changing(), 6), (again, 6), (other, 140)] {
        let pending = after(&events).verification.unwrap();
        assert_eq!((pending.first, pending.since), (challenge(2), at(since)));
    }
    let first = [registered(), requested("Jane@example.com", challenge(2), 1)];
    assert_eq!(after(&first).pending_change(), None);
}

#[test]
fn each_reset_and_each_stopped_change_puts_keys_to_sleep_and_nothing_else_does() {
    let cancelled = |cause| {
        let (change, cancelled_at) = (challenge(2), at(9));
        UserEvent::from(EmailChangeCancelled { change, cause, cancelled_at })
    };
    let once = KeySleep { epoch: 1, since: Some(at(9)) };
    for event in [password(PasswordCause::Reset), cancelled(EmailChangeCause::Stopped)] {
        assert_eq!(after(&[changing(), vec![event.clone()]].concat()).keys, once, "{event:?}");
    }
    for event in disowning().into_iter().filter(|event| *event != password(PasswordCause::Reset)) {
        assert_eq!(after(&[changing(), vec![event.clone()]].concat()).keys, KeySleep::default(), "{event:?}");
    }
    for cause in [EmailChangeCause::Requested, EmailChangeCause::SessionEnded] {
        assert_eq!(after(&[changing(), vec![cancelled(cause)]].concat()).keys, KeySleep::default());
    }
}
