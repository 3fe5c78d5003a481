//! What holds for every sequence of commands, sensible or not.

#[path = "badge_properties.rs"]
mod badges;
#[path = "inbox_properties.rs"]
mod inbox;

use crate::{
    aggregate::{Decide, EventSourced},
    api_key::{ApiKey, ApiKeyCommand, CreateApiKey, Holder, RenameApiKey, RevokeApiKey, RevokeCause},
    challenge::{AnswerChallenge, Challenge, ChallengeCommand, ChallengePurpose, IssueChallenge},
    fixtures::*,
    follow::{
        AcceptCause, AcceptFollow, Block, Follow, FollowCommand, FollowEvent, Mute, RejectFollow,
        RemoveFollower, RequestFollow, Unblock, Unfollow, Unmute,
    },
    profile::{CreateProfile, Patch, Profile, ProfileCommand, ProfilePatch, UpdateProfile},
    session::{
        EndCause, EndSession, LoginMethod, MarkSessionVerified, NoticeDevice, ProlongSession, RotateRefresh, Session,
        SessionCommand, StartSession,
    },
    settings::{ExtraPatch, Settings, SettingsCommand, SettingsPatch, UpdateSettings},
    user::{
        AcceptInvitation, ActingStaff, ChangePassword, ChangeRole, ContactKind, InvalidateSessions,
        InvalidationCause, InviteUser, PasswordCause, RegisterUser, ReinstateUser, RequestPasswordReset,
        RequestVerification, ResetPassword, SuspendUser, User, UserCommand, VerifyContact, VouchForContact,
    },
    values::{
        ApiKeyName, Email, FollowPolicy, FollowStatus, FullName, LanguageTag, PhoneNumber, Role, Scope,
        SuspensionReason, Theme, TimeZone, Username, WebUrl,
    },
};
use cqrs_es::Aggregate;
use proptest::{option, prelude::*};
use serde_json::json;

/// The events of all commands that were accepted, in order, and the state after them.
fn run<A>(commands: &[A::Command]) -> (A, Vec<A::Event>)
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
fn replay<A: EventSourced>(log: &[A::Event]) -> A {
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

prop_compose! {
    fn moment()(seconds in -10i64..4_000_000) -> chrono::DateTime<chrono::Utc> { at(seconds) }
}

fn user_command() -> impl Strategy<Value = UserCommand> {
    let id = 0u128..3;
    let address = prop_oneof![Just("a@example.com"), Just("A@example.com"), Just("b@example.com")];
    let cause =
        prop_oneof![Just(PasswordCause::Changed), Just(PasswordCause::Rehashed), Just(PasswordCause::Reset)];
    prop_oneof![
        (option::of(id.clone()), moment()).prop_map(|(n, at)| {
            let (username, email) = (username("Jane"), email("a@example.com"));
            let password = n.map(secret);
            RegisterUser { user: jane(), username, email, password, role: Role::Normal, at }.into()
        }),
        moment().prop_map(|at| VouchForContact { at }.into()),
        (option::of(address), id.clone(), moment()).prop_map(|(address, n, at)| {
            RequestVerification { address: address.map(email), challenge: challenge(n), at }.into()
        }),
        (id.clone(), moment()).prop_map(|(n, at)| VerifyContact { challenge: challenge(n), at }.into()),
        (id.clone(), id.clone(), cause, moment()).prop_map(|(checked, new, cause, at)| {
            ChangePassword { checked: secret(checked), new: secret(new), cause, at }.into()
        }),
        (id.clone(), moment())
            .prop_map(|(n, at)| RequestPasswordReset { challenge: challenge(n), at }.into()),
        (id.clone(), id.clone(), moment()).prop_map(|(n, new, at)| ResetPassword {
            challenge: challenge(n),
            new: secret(new),
            at
        }
        .into()),
        (id.clone(), moment()).prop_map(|(n, at)| InviteUser { challenge: challenge(n), at }.into()),
        (id.clone(), id.clone(), moment()).prop_map(|(n, new, at)| {
            AcceptInvitation { challenge: challenge(n), new: secret(new), at }.into()
        }),
        staff_command(),
        (option::of(id), moment()).prop_map(|(kept, at)| {
            InvalidateSessions { kept: kept.map(session), cause: InvalidationCause::Requested, at }.into()
        }),
    ]
}

fn staff_command() -> impl Strategy<Value = UserCommand> {
    let by = || {
        let role = prop_oneof![Just(Role::Owner), Just(Role::Admin)];
        (prop_oneof![Just(jane()), Just(john())], role).prop_map(|(user, role)| ActingStaff { user, role })
    };
    let role = prop_oneof![Just(Role::Normal), Just(Role::Admin), Just(Role::Owner)];
    prop_oneof![
        (role, by(), moment()).prop_map(|(role, by, at)| ChangeRole { role, by, at }.into()),
        (option::of(moment()), by(), moment()).prop_map(|(until, by, at)| {
            let reason = SuspensionReason::parse("spam").unwrap();
            SuspendUser { reason, until, by, at }.into()
        }),
        (by(), moment()).prop_map(|(by, at)| ReinstateUser { by, at }.into()),
    ]
}

fn session_command() -> impl Strategy<Value = SessionCommand> {
    let lifetime = (0i64..40).prop_map(days);
    prop_oneof![
        (any::<bool>(), moment(), lifetime.clone()).prop_map(|(verified, at, refresh_lifetime)| {
            let (user, method, absolute_lifetime) = (jane(), LoginMethod::Password, days(30));
            StartSession {
                user,
                epoch: 0,
                method,
                verified,
                device: Some(device(1)),
                at,
                refresh_lifetime,
                absolute_lifetime,
            }
            .into()
        }),
        (0u32..5, moment(), lifetime.clone()).prop_map(|(generation, at, refresh_lifetime)| {
            RotateRefresh { generation, at, refresh_lifetime }.into()
        }),
        (moment(), lifetime)
            .prop_map(|(at, refresh_lifetime)| ProlongSession { at, refresh_lifetime }.into()),
        moment().prop_map(|at| MarkSessionVerified { user: jane(), at }.into()),
        (0u8..12, moment()).prop_map(|(n, at)| NoticeDevice { device: device(n), at }.into()),
        moment().prop_map(|at| EndSession { cause: EndCause::Logout, at }.into()),
    ]
}

fn challenge_command() -> impl Strategy<Value = ChallengeCommand> {
    prop_oneof![
        (0u32..6, moment()).prop_map(|(attempts, at)| {
            let (user, purpose, channel) = (jane(), ChallengePurpose::VerifyEmail, ContactKind::Email);
            let (address, lifetime) = (janes("a@example.com"), days(10));
            IssueChallenge { user, purpose, channel, address, at, lifetime, attempts }.into()
        }),
        (any::<bool>(), moment()).prop_map(|(correct, at)| AnswerChallenge { correct, at }.into()),
    ]
}

fn patch<T: Clone + std::fmt::Debug + 'static>(value: T) -> impl Strategy<Value = Patch<T>> {
    prop_oneof![Just(Patch::Keep), Just(Patch::Set(value)), Just(Patch::Clear)]
}

fn profile_command() -> impl Strategy<Value = ProfileCommand> {
    let fields = (
        patch(FullName::parse("Jane Doe").unwrap()),
        patch(WebUrl::parse("https://example.com/a.png").unwrap()),
        (-800_000i32..800_000).prop_map(|day| {
            chrono::NaiveDate::from_num_days_from_ce_opt(day).map_or(Patch::Clear, Patch::Set)
        }),
        patch(true),
        patch(FollowPolicy::Nobody),
        moment(),
    );
    prop_oneof![
        moment().prop_map(|at| CreateProfile { user: jane(), at }.into()),
        fields.prop_map(|(full_name, avatar_url, date_of_birth, is_private, follow_policy, at)| {
            let patch = ProfilePatch {
                full_name,
                avatar_url,
                date_of_birth,
                is_private,
                follow_policy,
                ..ProfilePatch::default()
            };
            UpdateProfile { user: jane(), patch, at }.into()
        }),
    ]
}

fn settings_command() -> impl Strategy<Value = SettingsCommand> {
    let extra = prop_oneof![
        Just(ExtraPatch::Keep),
        Just(ExtraPatch::Clear),
        prop_oneof![Just(json!({ "beta": 1 })), Just(json!({ "beta": null, "size": [0.1] }))]
            .prop_map(|value| ExtraPatch::Merge(value.as_object().cloned().unwrap_or_default())),
    ];
    let fields = (
        patch(Theme::Dark),
        patch(false),
        patch(LanguageTag::parse("pt-BR").unwrap()),
        patch(TimeZone::parse("UTC").unwrap()),
        extra,
        moment(),
    );
    fields.prop_map(|(theme, email_notifications, language, timezone, extra, at)| {
        let patch =
            SettingsPatch { theme, email_notifications, language, timezone, extra, ..Default::default() };
        UpdateSettings { user: jane(), patch, at }.into()
    })
}

fn policy() -> impl Strategy<Value = FollowPolicy> {
    prop_oneof![Just(FollowPolicy::Anyone), Just(FollowPolicy::Approve), Just(FollowPolicy::Nobody)]
}

fn follow_command() -> impl Strategy<Value = FollowCommand> {
    let ways = || prop_oneof![Just((jane(), john())), Just((john(), jane()))];
    prop_oneof![
        (ways(), policy(), moment()).prop_map(|((follower, followed), policy, at)| {
            RequestFollow { follower, followed, policy, at }.into()
        }),
        (ways(), moment()).prop_map(|((follower, followed), at)| {
            AcceptFollow { follower, followed, cause: AcceptCause::Approved, at }.into()
        }),
        (ways(), moment())
            .prop_map(|((follower, followed), at)| RejectFollow { follower, followed, at }.into()),
        (ways(), moment()).prop_map(|((follower, followed), at)| Unfollow { follower, followed, at }.into()),
        (ways(), moment())
            .prop_map(|((follower, followed), at)| RemoveFollower { follower, followed, at }.into()),
        (ways(), moment()).prop_map(|((blocker, blocked), at)| {
            Block { blocker, blocked, role: Role::Normal, reason: None, at }.into()
        }),
        (ways(), moment()).prop_map(|((blocker, blocked), at)| Unblock { blocker, blocked, at }.into()),
        (ways(), moment()).prop_map(|((muter, muted), at)| Mute { muter, muted, at }.into()),
        (ways(), moment()).prop_map(|((muter, muted), at)| Unmute { muter, muted, at }.into()),
    ]
}

fn api_key_command() -> impl Strategy<Value = ApiKeyCommand> {
    let name =
        || prop_oneof![Just("backup"), Just("photos")].prop_map(|name| ApiKeyName::parse(name).unwrap());
    let scopes = proptest::collection::btree_set(proptest::sample::select(Scope::ALL), 0..4);
    let holder = prop_oneof![Just(Holder::User(jane())), Just(Holder::Service("etl".to_owned()))];
    let created = (holder, option::of(name()), scopes, 0u8..22, moment(), option::of(moment()));
    prop_oneof![
        created.prop_map(|(holder, name, scopes, slot, at, expires_at)| {
            CreateApiKey { holder, name, scopes, slot, at, expires_at }.into()
        }),
        (name(), moment()).prop_map(|(name, at)| RenameApiKey { name, at }.into()),
        moment().prop_map(|at| RevokeApiKey { cause: RevokeCause::Requested, at }.into()),
    ]
}

macro_rules! replays_to_the_same_state {
    ($($test:ident: $aggregate:ty, $commands:expr;)*) => {proptest! {$(
        #[test]
        fn $test(commands in proptest::collection::vec($commands, 0..20)) {
            let (state, log) = run::<$aggregate>(&commands);

            prop_assert_eq!(replay::<$aggregate>(&log), state);
        }
    )*}};
}

replays_to_the_same_state! {
    user_replays_to_the_same_state: User, user_command();
    session_replays_to_the_same_state: Session, session_command();
    challenge_replays_to_the_same_state: Challenge, challenge_command();
    profile_replays_to_the_same_state: Profile, profile_command();
    follow_replays_to_the_same_state: Follow, follow_command();
    settings_replay_to_the_same_state: Settings, settings_command();
    api_key_replays_to_the_same_state: ApiKey, api_key_command();
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
        prop_assert!(state.failures <= state.attempts);
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
