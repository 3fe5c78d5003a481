//! The table of authority: whole, and of each principal what it may.

use super::*;
use crate::Executable;
use domain::{
    ApiKeyId, CommandSet, SessionId, access_log::AccessLog, activity::Activity, api_key::ApiKey,
    award::Award, badge::Badge, calendar::Calendar, challenge::Challenge, follow::Follow, inbox::Inbox,
    ledger::Ledger, profile::Profile, session::Session, settings::Settings, sign_in::SignIn, skill::Skill,
    user::User, values::Role,
};
use std::collections::BTreeSet;
use uuid::Uuid;

fn commands<A: Executable>() -> impl Iterator<Item = (&'static str, &'static str)> {
    <A::Command as CommandSet>::NAMES.iter().map(|name| (A::TYPE, *name))
}

fn right(aggregate: &str, command: &str, kind: Kind) -> Right {
    row_of(aggregate, command).unwrap().rights[kind as usize]
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
fn keys_change_profiles_settings_follows_skills_and_what_is_read_and_nothing_else() {
    let keyed = TABLE.iter().filter(|row| row.rights[Kind::Key as usize] != Right::Never);
    let aggregates: BTreeSet<_> = keyed.map(|row| row.aggregate).collect();

    assert_eq!(aggregates, BTreeSet::from(["access_log", "follow", "inbox", "profile", "settings", "skill"]));
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
        .chain(commands::<Inbox>())
        .chain(commands::<Skill>());
    let rows = TABLE.iter().map(|row| (row.aggregate, row.command));

    assert_eq!(rows.clone().collect::<BTreeSet<_>>().len(), TABLE.len());
    assert_eq!(rows.collect::<BTreeSet<_>>(), all.collect::<BTreeSet<_>>());
    assert_eq!(domain::catalogue::CATALOGUE.len(), 16, "a new aggregate belongs in this test");
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

/// What a use case may do once it has established this, whoever is signed in meanwhile.
const OPENED: [(Warrant, &[&str]); 10] = [
    (
        Registration,
        &[
            "CreateProfile",
            "IssueChallenge",
            "RecordSignIn",
            "RegisterUser",
            "RequestVerification",
            "StartSession",
        ],
    ),
    (
        Password,
        &[
            "CancelDeletion",
            "ChangePassword",
            "CorrectAddress",
            "EndSession",
            "IssueChallenge",
            "RecordSignIn",
            "RequestEmailChange",
            "RequestVerification",
            "StartSession",
        ],
    ),
    (
        Challenge,
        &[
            "AcceptInvitation",
            "AnswerChallenge",
            "InvalidateSessions",
            "MarkSessionVerified",
            "ResetPassword",
            "StopEmailChange",
            "VerifyContact",
        ],
    ),
    (RefreshToken, &["EndSession", "MarkSessionVerified", "NoticeDevice", "RotateRefresh"]),
    (
        Request,
        &[
            "IssueChallenge",
            "RecordFailure",
            "RecordRefusal",
            "RecordSuspicion",
            "RepeatEmailChange",
            "RequestPasswordReset",
            "RequestVerification",
            "ResendChallenge",
        ],
    ),
    (
        OwnSide,
        &[
            "AcceptFollow",
            "Block",
            "FeatureBadges",
            "Mute",
            "RejectFollow",
            "RemoveFollower",
            "RequestFollow",
            "Unblock",
            "Unfollow",
            "Unmute",
        ],
    ),
    (Policy, &["AcceptFollow"]),
    (Record, &["NoticeDevice", "RecordAct", "RecordDenial", "RecordFetch", "RecordView"]),
    (OwnKey, &["ConfirmApiKey", "CreateApiKey"]),
    (Report, &["AwardBadge", "Grant", "RecordActivity", "ReverseActivity", "RevokeGrant"]),
];

/// Commands that a warrant lets one of these kinds run, and that they may not run without.
fn opened(warrant: Warrant, kinds: &[Kind]) -> BTreeSet<&'static str> {
    let opens = |row: &&Row, kind: Kind| row.allows(kind, Some(warrant)) && !row.allows(kind, None);
    let rows = TABLE.iter().filter(|row| kinds.iter().any(|kind| opens(row, *kind)));
    rows.map(|row| row.command).collect()
}

#[test]
fn each_warrant_opens_what_it_is_meant_for_and_nothing_else() {
    for (warrant, commands) in OPENED {
        assert_eq!(opened(warrant, &Kind::ALL), commands.iter().copied().collect(), "{warrant:?}");
    }
}

#[test]
fn warrant_for_one_cell_does_not_open_another() {
    let (anybody, staff) = (Principal::Anonymous, user(2, Role::Admin, true));
    for (principal, aggregate, command, warrant) in [
        // A mailed token resets a password, and signs nobody in.
        (&anybody, "session", "StartSession", Challenge),
        (&anybody, "user", "ChangePassword", Challenge),
        (&anybody, "user", "ResetPassword", Password),
        (&anybody, "user", "VerifyContact", Request),
        (&anybody, "session", "RotateRefresh", Password),
        (&staff, "user", "ChangeRole", OwnSide),
        (&staff, "user", "ResetPassword", Warrant::Staff),
        (&staff, "session", "StartSession", Warrant::Staff),
        (&staff, "api_key", "TakeOverApiKey", OwnKey),
        (&staff, "ledger", "Adjust", Report),
    ] {
        let checked = check(aggregate, command, principal, Some(id(1)), Some(warrant));
        assert!(checked.is_err(), "{warrant:?} opens {command} of {aggregate}");
    }
    assert!(check("user", "ResetPassword", &anybody, Some(id(1)), Some(Challenge)).is_ok());
    assert!(check("user", "ChangeRole", &staff, Some(id(1)), Some(Warrant::Staff)).is_ok());
}

/// A policy is the program's alone, and staff are nobody without their role.
#[test]
fn neither_policy_nor_the_warrant_of_staff_serves_people_without_the_role() {
    let people = [Kind::Anonymous, Kind::Unverified, Kind::Other, Kind::Key, Kind::Service];

    assert!(opened(Policy, &people).is_empty());
    // A role may be newer than the access token that names it: what staff do is on record all the same.
    assert_eq!(opened(Warrant::Staff, &people), BTreeSet::from(["RecordAct"]));
}

#[test]
fn command_without_a_row_is_nobodys() {
    let root = Principal::System("cli".into());

    assert!(check("user", "EraseEverything", &root, None, Some(Warrant::Request)).is_err());
}
