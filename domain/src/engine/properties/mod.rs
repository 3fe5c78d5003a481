//! What holds for every sequence of commands, sensible or not.

/// Tests that the events of any commands, read back from JSON, lead to the state that the commands left; and lists the
/// aggregates for which the module does so.
macro_rules! replays_to_the_same_state {
    ($($test:ident: $aggregate:ty, $commands:expr, $most:literal;)*) => {
        pub(crate) const REPLAYED: &[&str] = &[$(<$aggregate as cqrs_es::Aggregate>::TYPE),*];

        proptest::proptest! {$(
            #[test]
            fn $test(commands in proptest::collection::vec($commands, 0..$most)) {
                let (state, log) = crate::engine::properties::run::<$aggregate>(&commands);

                proptest::prop_assert_eq!(crate::engine::properties::replay::<$aggregate>(&log), state);
            }
        )*}
    };
}
pub(crate) use replays_to_the_same_state;

mod arbitrary;
mod badges;
mod inbox;
mod records;

use crate::{
    aggregate::{Decide, EventSourced},
    api_key::ApiKey,
    catalogue::CATALOGUE,
    challenge::{AnswerBy, Challenge},
    fixtures::*,
    follow::{Follow, FollowCommand, FollowEvent},
    ledger,
    profile::Profile,
    session::{Session, SessionCommand},
    settings::Settings,
    skill::Skill,
    user::{User, UserCommand},
    values::{Email, FollowPolicy, FollowStatus, LanguageTag, PhoneNumber, TimeZone, Username, WebUrl},
};
use arbitrary::*;
use cqrs_es::Aggregate;
use proptest::prelude::*;
use std::collections::BTreeSet;

/// The events of all commands that were accepted, in order, and the state after them.
pub(crate) fn run<A>(commands: &[A::Command]) -> (A, Vec<A::Event>)
where
    A: EventSourced,
    A::Command: Decide<A>,
{
    let mut state = A::default();
    let mut log = Vec::new();
    for command in commands {
        for event in command.decide(&state).unwrap_or_default() {
            state.apply(event.clone());
            log.push(event);
        }
    }
    (state, log)
}

/// Through JSON, as a load from the log does it.
pub(crate) fn replay<A: EventSourced>(log: &[A::Event]) -> A {
    let mut state = A::default();
    for event in log {
        let text = serde_json::to_string(event).unwrap();
        state.apply(serde_json::from_str(&text).unwrap());
    }
    state
}

/// Deciding the same command again right after it was accepted.
fn repeat<A>(commands: &[A::Command], last: A::Command) -> (bool, usize)
where
    A: EventSourced,
    A::Command: Decide<A>,
{
    let (mut state, _) = run::<A>(commands);
    let Ok(events) = last.decide(&state) else { return (false, 0) };
    for event in events {
        state.apply(event);
    }
    (true, last.decide(&state).map_or(0, |events| events.len()))
}

replays_to_the_same_state! {
    user_replays_to_the_same_state: User, user_command(), 20;
    session_replays_to_the_same_state: Session, session_command(), 20;
    challenge_replays_to_the_same_state: Challenge, challenge_command(), 20;
    profile_replays_to_the_same_state: Profile, profile_command(), 20;
    follow_replays_to_the_same_state: Follow, follow_command(), 20;
    settings_replay_to_the_same_state: Settings, settings_command(), 20;
    skill_replays_to_the_same_state: Skill, skill_command(), 20;
    api_key_replays_to_the_same_state: ApiKey, api_key_command(), 20;
}

/// The lists of all modules that use the macro: a new one is added here.
#[test]
fn every_aggregate_of_the_catalogue_is_replayed() {
    let lists =
        [REPLAYED, badges::REPLAYED, inbox::REPLAYED, records::REPLAYED, ledger::properties::REPLAYED];
    let replayed: BTreeSet<&str> = lists.concat().into_iter().collect();
    let known: BTreeSet<&str> =
        CATALOGUE.iter().flat_map(|kinds| kinds.iter()).map(|kind| kind.aggregate).collect();

    assert_eq!(replayed, known);
}

proptest! {
    /// But for the invalidation of sessions, which is new each time, and what was asked for anew long after.
    #[test]
    fn repeated_user_command_adds_no_event(
        commands in proptest::collection::vec(user_command(), 0..20),
        last in user_command(),
    ) {
        prop_assume!(!matches!(last, UserCommand::InvalidateSessions(_)));

        prop_assert_eq!(repeat::<User>(&commands, last).1, 0);
    }

    #[test]
    fn repeated_profile_command_adds_no_event(
        commands in proptest::collection::vec(profile_command(), 0..10),
        last in profile_command(),
    ) {
        prop_assert_eq!(repeat::<Profile>(&commands, last).1, 0);
    }

    #[test]
    fn repeated_settings_command_adds_no_event(
        commands in proptest::collection::vec(settings_command(), 0..10),
        last in settings_command(),
    ) {
        prop_assert_eq!(repeat::<Settings>(&commands, last).1, 0);
    }

    #[test]
    fn repeated_follow_command_adds_no_event(
        commands in proptest::collection::vec(follow_command(), 0..20),
        last in follow_command(),
    ) {
        prop_assert_eq!(repeat::<Follow>(&commands, last).1, 0);
    }

    #[test]
    fn repeated_skill_command_adds_no_event(
        commands in proptest::collection::vec(skill_command(), 0..10),
        last in skill_command(),
    ) {
        prop_assert_eq!(repeat::<Skill>(&commands, last).1, 0);
    }

    #[test]
    fn repeated_api_key_command_adds_no_event(
        commands in proptest::collection::vec(api_key_command(), 0..10),
        last in api_key_command(),
    ) {
        prop_assert_eq!(repeat::<ApiKey>(&commands, last).1, 0);
    }

    #[test]
    fn block_leaves_nothing_between_the_two_and_lets_nothing_begin(
        commands in proptest::collection::vec(follow_command(), 0..30),
    ) {
        let mut pair = Follow::default();
        for command in &commands {
            for event in command.decide(&pair).unwrap_or_default() {
                let begins = matches!(event, FollowEvent::FollowRequested(_) | FollowEvent::FollowAccepted(_));
                prop_assert!(!begins || !(pair.blocks(jane()) || pair.blocks(john())), "{:?}", event);
                pair.apply(event);
            }
            if pair.blocks(jane()) || pair.blocks(john()) {
                prop_assert_eq!((pair.status(jane()), pair.status(john())), (None, None));
            }
        }
    }

    #[test]
    fn nobody_follows_unasked_or_against_the_policy(
        commands in proptest::collection::vec(follow_command(), 0..30),
    ) {
        let mut pair = Follow::default();
        for command in &commands {
            let before = pair.status(jane());
            for event in command.decide(&pair).unwrap_or_default() {
                pair.apply(event);
            }
            if pair.status(jane()) == Some(FollowStatus::Accepted) && before != Some(FollowStatus::Accepted) {
                let by_policy = matches!(command, FollowCommand::RequestFollow(c) if c.policy == FollowPolicy::Anyone);
                let answered = matches!(command, FollowCommand::AcceptFollow(_));
                prop_assert!(by_policy || (answered && before == Some(FollowStatus::Pending)), "{:?}", command);
            }
        }
    }

    #[test]
    fn repeated_end_or_verification_of_a_session_adds_no_event(
        commands in proptest::collection::vec(session_command(), 0..20),
        last in session_command(),
    ) {
        prop_assume!(!matches!(last, SessionCommand::RotateRefresh(_)));

        prop_assert_eq!(repeat::<Session>(&commands, last).1, 0);
    }

    #[test]
    fn challenge_is_passed_at_most_once_and_never_after_its_last_attempt(
        commands in proptest::collection::vec(challenge_command(), 0..20),
    ) {
        let (state, log) = run::<Challenge>(&commands);

        let passed = log.iter().filter(|event| event.kind().event_type == "challenge_passed").count();
        prop_assert!(passed <= 1);
        prop_assert!(AnswerBy::ALL.iter().all(|who| state.failures.by(*who) <= state.attempts));
    }

    #[test]
    fn no_text_makes_a_parser_panic(text in ".{0,80}") {
        let _ = Username::parse(&text);
        let _ = Email::parse(&text);
        let _ = PhoneNumber::parse(&text);
        let _ = WebUrl::parse(&text);
        let _ = LanguageTag::parse(&text);
        let _ = TimeZone::parse(&text);
    }

    #[test]
    fn parsed_text_parses_to_itself(text in "[a-z0-9._+@-]{1,40}") {
        if let Ok(email) = Email::parse(&text) {
            prop_assert_eq!(Email::parse(email.as_str()), Ok(email));
        }
    }
}
