//! Ids, times and events for tests; deterministic where that matters.

#![expect(clippy::unwrap_used, reason = "a sample that cannot be made is a broken test")]

use chrono::{DateTime, NaiveDate, Utc};
use domain::{
    DeedId, EventId, ObjectId, Personal, Subject, UserId,
    activity::{ActivityKind, ActivityRecorded, Deed},
    profile::{Change, ProfileChanges, ProfileCreated, ProfileEvent, ProfileUpdated},
    user::{UserEvent, UserRegistered},
    values::Role,
};
use store::{Metadata, NewEvent, StreamRef, StreamWrite, Submission};

/// Noon of 15 January 2026.
pub fn noon() -> DateTime<Utc> {
    DateTime::from_timestamp(1_768_478_400, 0).unwrap()
}

pub fn random() -> [u8; 10] {
    let mut bytes = [0; 10];
    aws_lc_rs::rand::fill(&mut bytes).unwrap();
    bytes
}

pub fn new_user() -> UserId {
    UserId::mint(noon(), random())
}

/// An event to append, with an id of its own.
pub fn event<E: Into<domain::AnyEvent> + serde::Serialize + Clone>(event: &E) -> NewEvent {
    let any: domain::AnyEvent = event.clone().into();
    NewEvent {
        event_id: EventId::mint(noon(), random()),
        kind: any.kind(),
        payload: serde_json::value::to_raw_value(event).unwrap(),
    }
}

pub fn registered(user: UserId, username: &str, email: &str) -> UserEvent {
    let subject = Subject::of(user);
    UserRegistered {
        username: Personal::new(subject, username.to_owned()),
        email: Personal::new(subject, email.to_owned()),
        password: None,
        role: Role::Normal,
        registered_at: noon(),
    }
    .into()
}

pub fn profile_created(user: UserId) -> ProfileEvent {
    ProfileCreated { user, created_at: noon() }.into()
}

pub fn bio(user: UserId, text: &str) -> ProfileEvent {
    let bio = Some(Change::Set(Personal::new(Subject::of(user), text.to_owned())));
    ProfileUpdated { user, changes: ProfileChanges { bio, ..Default::default() }, updated_at: noon() }.into()
}

pub fn user_stream(user: UserId) -> StreamRef {
    StreamRef { aggregate_type: "user", id: user.uuid() }
}

pub fn profile_stream(user: UserId) -> StreamRef {
    StreamRef { aggregate_type: "profile", id: user.uuid() }
}

/// Who did it, in tests.
pub fn metadata() -> Metadata {
    Metadata { occurred_at: noon(), clear: vec![("actor", "system:test".into())], personal: None }
}

/// One stream's events on top of a version.
pub fn submission(stream: StreamRef, version: i64, events: Vec<NewEvent>) -> Submission {
    Submission {
        writes: vec![StreamWrite::new(stream, version, events)],
        metadata: metadata(),
        ..Submission::default()
    }
}

/// A like of another's post, which counts.
pub fn deed(user: UserId, day: NaiveDate) -> Deed {
    Deed {
        id: DeedId::of("service:content", &EventId::mint(noon(), random()).to_string()),
        user,
        kind: ActivityKind::Like,
        day,
        object: Some(ObjectId::of("service:content", "post-1")),
        target: Some(new_user()),
        quality: None,
        counted: true,
    }
}

pub fn recorded(deed: Deed, at: DateTime<Utc>) -> ActivityRecorded {
    ActivityRecorded { deed, description: None, metadata: None, occurred_at: at, recorded_at: at }
}
