//! What holds for every sequence of commands to what only records: sign-ins, access, activity, closed days.

use super::{arbitrary::moment, repeat};
use crate::{
    access_log::{AccessLog, AccessLogCommand, RecordAct, RecordDenial, RecordFetch, RecordView, View},
    activity::{Activity, ActivityCommand, ActivityKind, RecordActiveDay, RecordActivity, ReverseActivity},
    calendar::{Calendar, CalendarCommand, CloseDay},
    fixtures::*,
    ids::{ApiKeyId, DeedId, Subject},
    sign_in::{
        BotOutcome, BotSignal, FailureCause, RecordFailure, RecordRefusal, RecordSignIn, RecordSuspicion,
        RefusalCause, SignIn, SignInCommand,
    },
};
use proptest::{collection::vec, option, prelude::*, sample::select};
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

fn sign_in_command() -> impl Strategy<Value = SignInCommand> {
    let cause =
        select(&[FailureCause::UnknownAccount, FailureCause::WrongPassword, FailureCause::Unverified][..]);
    let refusal = select(&[RefusalCause::Suspended, RefusalCause::DeletionRequested][..]);
    let outcome = select(&[BotOutcome::Observed, BotOutcome::Challenged, BotOutcome::Blocked][..]);
    // Short lists, so that some of them are the sessions that are there.
    let sessions = || vec((0u128..3).prop_map(session), 0..3);
    prop_oneof![
        1 => (option::of(Just(jane())), cause, moment())
            .prop_map(|(account, cause, at)| RecordFailure { account, cause, at }.into()),
        1 => (refusal, moment()).prop_map(|(cause, at)| RecordRefusal { account: jane(), cause, at }.into()),
        1 => (act(), outcome, moment()).prop_map(|(act, outcome, at)| {
            let signals = BTreeSet::from([BotSignal::NoAgent, BotSignal::FastForm]);
            RecordSuspicion { act, signals, outcome, at }.into()
        }),
        4 => (0u128..3, sessions(), sessions(), moment()).prop_map(|(n, among, left, at)| {
            RecordSignIn { account: jane(), session: session(n), among, left, at }.into()
        }),
    ]
}

fn act() -> impl Strategy<Value = String> {
    select(&["login", "register"][..]).prop_map(str::to_owned)
}

fn subjects() -> impl Strategy<Value = BTreeSet<Subject>> {
    vec(select(vec![Subject::of(jane()), Subject::of(john())]), 0..3)
        .prop_map(|subjects| subjects.into_iter().collect())
}

fn access_log_command() -> impl Strategy<Value = AccessLogCommand> {
    let view = || select(&[View::Accounts, View::Sessions, View::Audit, View::Events][..]);
    prop_oneof![
        (view(), subjects(), moment()).prop_map(|(view, subjects, at)| RecordView {
            viewer: jane(),
            view,
            subjects,
            at
        }
        .into()),
        (view(), subjects(), moment()).prop_map(|(view, subjects, at)| {
            let (service, api_key) = ("crm".to_owned(), ApiKeyId::from_uuid(Uuid::from_u128(7)));
            RecordFetch { service, api_key, view, subjects, at }.into()
        }),
        (act(), select(&["forbidden", "staff-only"][..]), moment()).prop_map(|(act, problem, at)| {
            RecordDenial { user: jane(), act, problem: problem.to_owned(), at }.into()
        }),
        (option::of(Just(john())), act(), moment()).prop_map(|(user, act, at)| {
            let change = BTreeMap::from([("cron".to_owned(), "0 2 * * *".to_owned())]);
            RecordAct { user, act, object: "cleanup".to_owned(), change, at }.into()
        }),
    ]
}

fn activity_command() -> impl Strategy<Value = ActivityCommand> {
    let kind = || select(ActivityKind::ALL);
    let deed = || (0u8..6).prop_map(|n| DeedId::of("service:content", &n.to_string()));
    let target = option::of(select(vec![jane(), john()]));
    prop_oneof![
        1 => moment().prop_map(|at| RecordActiveDay { user: jane(), day: at.date_naive(), at }.into()),
        4 => (deed(), kind(), target, moment()).prop_map(|(deed, kind, target, at)| {
            RecordActivity {
                deed,
                user: jane(),
                kind,
                day: at.date_naive(),
                object: None,
                target,
                quality: None,
                description: Some(janes("at dusk")),
                metadata: None,
                occurred_at: at,
                at,
            }
            .into()
        }),
        2 => (deed(), kind(), moment())
            .prop_map(|(deed, kind, at)| ReverseActivity { deed, user: jane(), kind, at }.into()),
    ]
}

fn calendar_command() -> impl Strategy<Value = CalendarCommand> {
    (moment(), moment()).prop_map(|(day, at)| CloseDay { day: day.date_naive(), at }.into())
}

replays_to_the_same_state! {
    sign_in_replays_to_the_same_state: SignIn, sign_in_command(), 20;
    access_log_replays_to_the_same_state: AccessLog, access_log_command(), 20;
    activity_replays_to_the_same_state: Activity, activity_command(), 20;
    calendar_replays_to_the_same_state: Calendar, calendar_command(), 20;
}

proptest! {
    #[test]
    fn repeated_activity_command_adds_no_event(
        commands in vec(activity_command(), 0..20),
        last in activity_command(),
    ) {
        prop_assert_eq!(repeat::<Activity>(&commands, last).1, 0);
    }

    #[test]
    fn day_that_is_closed_stays_closed(commands in vec(calendar_command(), 0..20), last in calendar_command()) {
        prop_assert_eq!(repeat::<Calendar>(&commands, last).1, 0);
    }
}
