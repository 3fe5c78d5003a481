//! The table of authority: whole, and of each principal what it may.

use super::*;
use crate::Executable;
use domain::{
    ApiKeyId, CommandSet, SessionId, access_log::AccessLog, activity::Activity, api_key::ApiKey,
    award::Award, badge::Badge, calendar::Calendar, challenge::Challenge, follow::Follow, inbox::Inbox,
    ledger::Ledger, profile::Profile, session::Session, settings::Settings, sign_in::SignIn, user::User,
    values::Role,
};
use std::collections::BTreeSet;
use uuid::Uuid;

fn commands<A: Executable>() -> impl Iterator<Item = (&'static str, &'static str)> {
    <A::Command as CommandSet>::NAMES.iter().map(|name| (A::TYPE, *name))
}

fn user(n: u128, role: Role, verified: bool) -> Principal {
    let session = SessionId::from_uuid(Uuid::from_u128(99));
    Principal::User { id: id(n), session, role, verified }
}

fn id(n: u128) -> UserId {
    UserId::from_uuid(Uuid::from_u128(n))
}

fn key_of(n: u128) -> Principal {
    Principal::Key { id: ApiKeyId::from_uuid(Uuid::from_u128(98)), user: id(n) }
}

/// SESS-07: what is privileged asks for a session, whatever a key's scopes say.
#[test]
fn keys_change_profiles_settings_follows_and_what_is_read_and_nothing_else() {
    let keyed = TABLE.iter().filter(|row| row.rights[Kind::Key as usize] != Right::Never);
    let aggregates: BTreeSet<_> = keyed.map(|row| row.aggregate).collect();

    assert_eq!(aggregates, BTreeSet::from(["access_log", "follow", "inbox", "profile", "settings"]));
    for command in ["CreateProfile", "SeverPair", "RecordView"] {
        let row = TABLE.iter().find(|row| row.command == command).unwrap();
        assert_eq!(row.rights[Kind::Key as usize], Right::Never, "{command}");
    }
}

#[test]
fn every_command_has_one_row_and_every_row_a_command() {
    let all = commands::<User>()
        .chain(commands::<Session>())
        .chain(commands::<SignIn>())
        .chain(commands::<Challenge>())
        .chain(commands::<Profile>())
        .chain(commands::<Settings>())
        .chain(commands::<Follow>())
        .chain(commands::<AccessLog>())
        .chain(commands::<ApiKey>())
        .chain(commands::<Activity>())
        .chain(commands::<Calendar>())
        .chain(commands::<Badge>())
        .chain(commands::<Award>())
        .chain(commands::<Ledger>())
        .chain(commands::<Inbox>());
    let rows = TABLE.iter().map(|row| (row.aggregate, row.command));

    assert_eq!(rows.clone().collect::<BTreeSet<_>>().len(), TABLE.len());
    assert_eq!(rows.collect::<BTreeSet<_>>(), all.collect::<BTreeSet<_>>());
    assert_eq!(domain::catalogue::CATALOGUE.len(), 15, "a new aggregate belongs in this test");
}

/// C-19: credits, points and money come from the program, from staff, or from a service that may award.
#[test]
fn people_and_their_keys_neither_grant_nor_settle_nor_adjust() {
    for command in ["Grant", "RevokeGrant", "Capture", "Refund", "Adjust"] {
        for kind in [Kind::Anonymous, Kind::Unverified, Kind::Owner, Kind::Other, Kind::Key] {
            assert_eq!(right("ledger", command, kind), Right::Never, "{command} {kind:?}");
        }
    }
    assert_eq!(right("ledger", "Reserve", Kind::Owner), Right::Warranted);
}

#[test]
fn kinds_index_their_columns() {
    for (n, kind) in Kind::ALL.into_iter().enumerate() {
        assert_eq!(kind as usize, n);
    }
}

#[test]
fn principals_are_judged_by_the_stream_they_act_on() {
    for (principal, owner, kind) in [
        (Principal::Anonymous, Some(id(1)), Kind::Anonymous),
        (user(1, Role::Normal, true), Some(id(1)), Kind::Owner),
        (user(1, Role::Normal, false), Some(id(1)), Kind::Unverified),
        (user(1, Role::Normal, true), Some(id(2)), Kind::Other),
        (user(1, Role::Normal, false), Some(id(2)), Kind::Anonymous),
        (user(1, Role::Admin, true), Some(id(2)), Kind::Staff),
        (user(1, Role::Admin, false), Some(id(2)), Kind::Anonymous),
        (user(1, Role::Moderator, true), Some(id(2)), Kind::Other),
        (user(1, Role::Admin, true), Some(id(1)), Kind::Owner),
        (user(1, Role::Normal, true), None, Kind::Other),
        (key_of(1), Some(id(1)), Kind::Key),
        (key_of(1), None, Kind::Key),
        (key_of(1), Some(id(2)), Kind::Anonymous),
    ] {
        assert_eq!(Kind::of(&principal, owner), kind, "{principal:?} on {owner:?}");
    }
}

#[test]
fn without_a_warrant_a_stranger_may_do_nothing() {
    for row in TABLE {
        let key = ApiKeyId::from_uuid(Uuid::from_u128(98));
        let service = Principal::Service { name: "x".into(), key };
        let another = Principal::Key { id: key, user: id(2) };
        for principal in [Principal::Anonymous, user(2, Role::Admin, true), service, another] {
            assert!(check(row.aggregate, row.command, &principal, Some(id(1)), None).is_err(), "{row:?}");
        }
    }
}

#[test]
fn warrant_helps_only_where_the_table_asks_for_one() {
    let anybody = Principal::Anonymous;

    assert!(check("session", "StartSession", &anybody, None, Some(Warrant::Password)).is_ok());
    assert!(check("session", "StartSession", &anybody, None, None).is_err());
    assert!(check("profile", "UpdateProfile", &anybody, Some(id(1)), Some(Warrant::Password)).is_err());
}

#[test]
fn command_without_a_row_is_nobodys() {
    let root = Principal::System("cli".into());

    assert!(check("user", "EraseEverything", &root, None, Some(Warrant::Request)).is_err());
}
