//! Commands of every kind, sensible or not.

use crate::{
    api_key::{ApiKeyCommand, ConfirmApiKey, CreateApiKey, Holder, RenameApiKey, RevokeApiKey, RevokeCause},
    challenge::{
        AnswerBy, AnswerChallenge, ChallengeCommand, ChallengePurpose, IssueChallenge, ResendChallenge,
    },
    fixtures::*,
    follow::{
        AcceptCause, AcceptFollow, Block, FollowCommand, Mute, RejectFollow, RemoveFollower, RequestFollow,
        Unblock, Unfollow, Unmute,
    },
    profile::{CreateProfile, Patch, ProfileCommand, ProfilePatch, UpdateProfile},
    session::{
        EndCause, EndSession, LoginMethod, MarkSessionVerified, NoticeDevice, ProlongSession, RotateRefresh,
        SessionCommand, StartSession,
    },
    settings::{ExtraPatch, SettingsCommand, SettingsPatch, UpdateSettings},
    skill::{AddSkill, NewSkill, RemoveSkill, ReviseSkill, SkillCommand, SkillPatch},
    user::{
        AcceptInvitation, ActingStaff, CancelEmailChange, ChangePassword, ChangeRole, ContactKind,
        EmailChangeCause, InvalidateSessions, InvalidationCause, InviteUser, PasswordCause, RegisterUser,
        ReinstateUser, RepeatEmailChange, RequestEmailChange, RequestPasswordReset, RequestVerification,
        ResetPassword, StopEmailChange, SuspendUser, UserCommand, VerifyContact, VouchForContact,
    },
    values::{
        ApiKeyName, FollowPolicy, FullName, LanguageTag, Role, Scope, SkillCategory, SkillName,
        SuspensionReason, Theme, TimeZone, WebUrl,
    },
};
use proptest::{option, prelude::*};
use serde_json::json;

prop_compose! {
    pub fn moment()(seconds in -10i64..4_000_000) -> chrono::DateTime<chrono::Utc> { at(seconds) }
}

pub fn user_command() -> impl Strategy<Value = UserCommand> {
    let id = 0u128..3;
    let cause =
        prop_oneof![Just(PasswordCause::Changed), Just(PasswordCause::Rehashed), Just(PasswordCause::Reset)];
    prop_oneof![
        (option::of(id.clone()), moment()).prop_map(|(n, at)| {
            let (username, email) = (username("Jane"), email("a@example.com"));
            let password = n.map(secret);
            RegisterUser { user: jane(), username, email, password, role: Role::Normal, at }.into()
        }),
        moment().prop_map(|at| VouchForContact { at }.into()),
        (id.clone(), moment()).prop_map(|(n, at)| RequestVerification { challenge: challenge(n), at }.into()),
        email_change_command(),
        (id.clone(), option::of(id.clone()), moment()).prop_map(|(n, within, at)| {
            VerifyContact { challenge: challenge(n), session: within.map(session), at }.into()
        }),
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

pub fn email_change_command() -> impl Strategy<Value = UserCommand> {
    let id = 0u128..3;
    let address = prop_oneof![Just("a@example.com"), Just("A@example.com"), Just("b@example.com")];
    prop_oneof![
        (address.clone(), id.clone(), moment()).prop_map(|(address, n, at)| {
            RequestEmailChange { address: email(address), challenge: challenge(n), at }.into()
        }),
        (address, id.clone(), moment()).prop_map(|(address, n, at)| {
            RepeatEmailChange { address: janes(address), challenge: challenge(n), at }.into()
        }),
        moment().prop_map(|at| CancelEmailChange { cause: EmailChangeCause::Requested, at }.into()),
        (id, moment()).prop_map(|(n, at)| StopEmailChange { change: challenge(n), at }.into()),
    ]
}

pub fn staff_command() -> impl Strategy<Value = UserCommand> {
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

pub fn session_command() -> impl Strategy<Value = SessionCommand> {
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
        (0u8..12, moment()).prop_map(|(n, at)| NoticeDevice { device: device(n), other: None, at }.into()),
        moment().prop_map(|at| EndSession { cause: EndCause::Logout, at }.into()),
    ]
}

pub fn challenge_command() -> impl Strategy<Value = ChallengeCommand> {
    prop_oneof![
        (0u32..6, moment()).prop_map(|(attempts, at)| {
            let (user, purpose, channel) = (jane(), ChallengePurpose::VerifyEmail, ContactKind::Email);
            let (address, lifetime) = (janes("a@example.com"), days(10));
            IssueChallenge { user, purpose, channel, address, at, lifetime, attempts }.into()
        }),
        (any::<bool>(), 0..3_usize, moment()).prop_map(|(correct, by, at)| AnswerChallenge {
            correct,
            by: AnswerBy::ALL[by],
            at
        }
        .into()),
        moment().prop_map(|at| ResendChallenge { at }.into()),
    ]
}

pub fn patch<T: Clone + std::fmt::Debug + 'static>(value: T) -> impl Strategy<Value = Patch<T>> {
    prop_oneof![Just(Patch::Keep), Just(Patch::Set(value)), Just(Patch::Clear)]
}

pub fn profile_command() -> impl Strategy<Value = ProfileCommand> {
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

pub fn settings_command() -> impl Strategy<Value = SettingsCommand> {
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

pub fn policy() -> impl Strategy<Value = FollowPolicy> {
    prop_oneof![Just(FollowPolicy::Anyone), Just(FollowPolicy::Approve), Just(FollowPolicy::Nobody)]
}

pub fn follow_command() -> impl Strategy<Value = FollowCommand> {
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

pub fn skill_command() -> impl Strategy<Value = SkillCommand> {
    let name = || prop_oneof![Just("Rust"), Just("Go")].prop_map(|name| SkillName::parse(name).unwrap());
    let category = || prop_oneof![Just(SkillCategory::Language), Just(SkillCategory::Soft)];
    prop_oneof![
        (name(), category(), 0u16..202, moment()).prop_map(|(name, category, slot, at)| {
            AddSkill { user: jane(), new: NewSkill { name, category }, slot, at }.into()
        }),
        (option::of(name()), option::of(category()), moment()).prop_map(|(name, category, at)| ReviseSkill {
            patch: SkillPatch { name, category },
            at
        }
        .into()),
        moment().prop_map(|at| RemoveSkill { at }.into()),
    ]
}

pub fn api_key_command() -> impl Strategy<Value = ApiKeyCommand> {
    let name =
        || prop_oneof![Just("backup"), Just("photos")].prop_map(|name| ApiKeyName::parse(name).unwrap());
    let scopes = proptest::collection::btree_set(proptest::sample::select(Scope::ALL), 0..4);
    let holder = prop_oneof![Just(Holder::User(jane())), Just(Holder::Service("etl".to_owned()))];
    let created = (holder, option::of(name()), scopes, 0u8..22, moment(), option::of(moment()));
    prop_oneof![
        created.prop_map(|(holder, name, scopes, slot, at, expires_at)| {
            CreateApiKey { holder, name, scopes, slot, at, expires_at, epoch: Some(0), made_by: None }.into()
        }),
        (name(), moment()).prop_map(|(name, at)| RenameApiKey { name, at }.into()),
        (0u32..3, moment()).prop_map(|(epoch, at)| ConfirmApiKey { epoch, at }.into()),
        moment().prop_map(|at| RevokeApiKey { cause: RevokeCause::Requested, at }.into()),
    ]
}
