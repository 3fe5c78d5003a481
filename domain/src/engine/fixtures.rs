//! Words for tests: times, ids and values that mean nothing in particular.

use crate::{
    ids::{ChallengeId, SecretId, SessionId, Subject, UserId},
    personal::Personal,
    user::{
        ContactKind, ContactVerified, DeletionBy, UserDeletionRequested, UserEvent, UserRegistered,
        VerificationRequested,
    },
    values::{DeviceFingerprint, Email, Role, Username},
};
use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;

/// So many seconds after the beginning of 2026.
pub fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_767_225_600 + seconds, 0).unwrap()
}

pub const fn days(n: i64) -> TimeDelta {
    TimeDelta::seconds(n * 86_400)
}

pub const fn jane() -> UserId {
    UserId::from_uuid(Uuid::from_u128(1))
}

pub const fn john() -> UserId {
    UserId::from_uuid(Uuid::from_u128(2))
}

pub const fn secret(n: u128) -> SecretId {
    SecretId::from_uuid(Uuid::from_u128(0x5ec0 + n))
}

pub const fn challenge(n: u128) -> ChallengeId {
    ChallengeId::from_uuid(Uuid::from_u128(0xc0de + n))
}

pub const fn session(n: u128) -> SessionId {
    SessionId::from_uuid(Uuid::from_u128(0x5e55 + n))
}

pub const fn device(n: u8) -> DeviceFingerprint {
    DeviceFingerprint::from_bytes([n; 16])
}

/// A value about Jane.
pub fn janes(text: &str) -> Personal<String> {
    Personal::new(Subject::of(jane()), text.to_owned())
}

pub fn username(text: &str) -> Username {
    Username::parse(text).unwrap()
}

pub fn email(text: &str) -> Email {
    Email::parse(text).unwrap()
}

/// Jane's own request at one second, to be carried out at another.
pub fn deletion(requested: i64, due: i64) -> UserEvent {
    let (erase_after, by, requested_at) = (at(due), DeletionBy::Owner, at(requested));
    UserDeletionRequested { erase_after, by, requested_at }.into()
}

/// Jane, with password secret 1, at second 0.
pub fn registered() -> UserEvent {
    UserRegistered {
        username: janes("Jane"),
        email: janes("Jane@example.com"),
        password: Some(secret(1)),
        role: Role::Normal,
        registered_at: at(0),
    }
    .into()
}

pub fn requested(address: &str, id: ChallengeId, second: i64) -> UserEvent {
    VerificationRequested {
        contact: ContactKind::Email,
        address: janes(address),
        challenge: id,
        requested_at: at(second),
    }
    .into()
}

pub fn verified(address: &str, id: ChallengeId, second: i64) -> UserEvent {
    ContactVerified {
        contact: ContactKind::Email,
        address: janes(address),
        challenge: Some(id),
        verified_at: at(second),
    }
    .into()
}
