//! A user's first days: every kind of event once or more.

use crate::world::World;
use annals_tests::samples::{self, event, noon, random};
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use domain::{
    AccessLogId, ActivityId, ApiKeyId, ChallengeId, PairId, Personal, SecretId, SessionId, SignInId, SkillId,
    Subject, UserId,
    access_log::*,
    activity::{ActiveDayRecorded, ActivityEvent, ActivityReversed},
    challenge::*,
    follow::*,
    profile::*,
    session::*,
    settings::{SettingsChanges, SettingsEvent, SettingsUpdated},
    sign_in::*,
    skill::*,
    user::*,
    values::{AccountStatus, DeviceFingerprint, MediaType, Role, SkillCategory, Theme},
};
use store::{NewEvent, StreamRef};

pub const NAME: &str = "Janina Planted";
pub const EMAIL: &str = "planted@example.com";
pub const NEW_EMAIL: &str = "planted.anew@example.com";
pub const BIO: &str = "Planted words about myself";

pub struct Story {
    pub user: UserId,
    pub username: String,
    /// Rotated and prolonged once, and kept through the invalidation.
    pub kept: SessionId,
    /// Ended by the invalidation.
    pub swept: SessionId,
    /// Ended by its owner.
    pub left: SessionId,
    /// Seen on another device, and its refresh token was used twice.
    pub stolen: SessionId,
}

pub fn at(minutes: i64) -> DateTime<Utc> {
    noon() + TimeDelta::minutes(minutes)
}

pub fn new_session() -> SessionId {
    SessionId::mint(noon(), random())
}

pub fn stream(aggregate_type: &'static str, id: impl Into<uuid::Uuid>) -> StreamRef {
    StreamRef { aggregate_type, id: id.into() }
}

pub fn session_started(user: UserId, epoch: u32, minute: i64) -> SessionEvent {
    SessionStarted {
        user,
        epoch,
        method: LoginMethod::Password,
        verified: true,
        started_at: at(minute),
        refresh_expires_at: at(minute) + TimeDelta::days(7),
        expires_at: at(minute) + TimeDelta::days(30),
        device: Some(DeviceFingerprint::from_bytes([1; 16])),
    }
    .into()
}

pub fn session_expired(user: UserId, minute: i64) -> SessionEvent {
    SessionExpired { user, expired_at: at(minute), noticed_at: at(minute) }.into()
}

pub fn session_ended(user: UserId, minute: i64) -> SessionEvent {
    SessionEnded { user, cause: EndCause::Logout, ended_at: at(minute) }.into()
}

pub fn invalidated(epoch: u32, kept: Option<SessionId>, minute: i64) -> UserEvent {
    let cause = InvalidationCause::Requested;
    SessionsInvalidated { epoch, kept, cause, invalidated_at: at(minute) }.into()
}

impl World {
    pub async fn user_event(&self, user: UserId, e: UserEvent) -> i64 {
        self.append(Subject::of(user), stream("user", user), vec![event(&e)]).await
    }

    pub async fn session_event(&self, user: UserId, session: SessionId, e: SessionEvent) -> i64 {
        self.append(Subject::of(user), stream("session", session), vec![event(&e)]).await
    }

    pub async fn profile_event(&self, user: UserId, e: ProfileEvent) -> i64 {
        self.append(Subject::of(user), stream("profile", user), vec![event(&e)]).await
    }

    pub async fn register(&self) -> (UserId, String) {
        let user = samples::new_user();
        let username = format!("Planted-{}", &user.to_string()[24..]);
        self.user_event(user, samples::registered(user, &username, EMAIL)).await;
        self.profile_event(user, samples::profile_created(user)).await;
        (user, username)
    }

    pub async fn story(&self) -> Story {
        let (user, username) = self.register().await;
        let [kept, swept, left, stolen] = std::array::from_fn(|_| new_session());
        let story = Story { user, username, kept, swept, left, stolen };
        self.verify_contact(user).await;
        self.fill_profile(user).await;
        self.choose(user).await;
        self.live(&story).await;
        self.have_keys(user).await;
        self.have_a_ledger(user).await;
        self.user_event(user, invalidated(1, Some(kept), 60)).await;
        self.be_managed(user).await;
        self.leave(user).await;
        self.meet(user).await;
        self.be_honoured(user).await;
        self.think_better(user).await;
        self.read_what_is_told(user).await;
        self.be_skilled(user).await;
        story
    }

    /// One skill stays and one goes.
    async fn be_skilled(&self, user: UserId) {
        let add = |text: &str, slot| {
            let name = Personal::new(Subject::of(user), text.to_owned());
            let fields = SkillFields { name, category: SkillCategory::Language };
            SkillEvent::from(SkillAdded { user, fields, slot, added_at: at(95) })
        };
        let changes = SkillChanges { category: Some(SkillCategory::Tool), ..SkillChanges::default() };
        let revised: SkillEvent = SkillRevised { user, changes, revised_at: at(96) }.into();
        let removed: SkillEvent = SkillRemoved { user, removed_at: at(97) }.into();
        for (slot, text, then) in [(0, "Rust", revised), (1, "Go", removed)] {
            let skill = stream("skill", SkillId::mint(noon(), random()));
            let events = vec![event(&add(text, slot)), event(&then)];
            self.append(Subject::of(user), skill, events).await;
        }
    }

    async fn verify_contact(&self, user: UserId) {
        let subject = Subject::of(user);
        let challenge = ChallengeId::mint(noon(), random());
        let address = || Personal::new(subject, NEW_EMAIL.to_owned());
        let contact = ContactKind::Email;
        let corrected = AddressCorrected { contact, address: address(), corrected_at: at(1) };
        self.user_event(user, corrected.into()).await;
        self.user_event(
            user,
            VerificationRequested { contact, address: address(), challenge, requested_at: at(1) }.into(),
        )
        .await;
        let issued = ChallengeIssued {
            user,
            purpose: ChallengePurpose::VerifyEmail,
            channel: contact,
            address: address(),
            issued_at: at(1),
            expires_at: at(11),
            attempts: 5,
        };
        let resent = ChallengeResent { user, resent_at: at(2) };
        let failed = ChallengeFailed { user, attempt: 1, by: AnswerBy::Stranger, failed_at: at(2) };
        let passed = ChallengePassed { user, passed_at: at(3) };
        let events: [ChallengeEvent; 4] = [issued.into(), resent.into(), failed.into(), passed.into()];
        let events: Vec<NewEvent> = events.iter().map(event).collect();
        self.append(subject, stream("challenge", challenge), events).await;
        let verified =
            ContactVerified { contact, address: address(), challenge: Some(challenge), verified_at: at(3) };
        self.user_event(user, verified.into()).await;
    }

    /// Another address is asked for, and taken back.
    async fn think_better(&self, user: UserId) {
        let challenge = ChallengeId::mint(noon(), random());
        let address = Personal::new(Subject::of(user), "planted-third@example.com".to_owned());
        let (contact, requested_at) = (ContactKind::Email, at(91));
        let asked = VerificationRequested { contact, address, challenge, requested_at };
        self.user_event(user, asked.into()).await;
        let cause = EmailChangeCause::Requested;
        let cancelled = EmailChangeCancelled { change: challenge, cause, cancelled_at: at(92) };
        self.user_event(user, cancelled.into()).await;
    }

    /// Staff act on the account.
    async fn be_managed(&self, user: UserId) {
        let reason = Personal::new(Subject::of(user), "Planted reproach".to_owned());
        let challenge = ChallengeId::mint(noon(), random());
        let (until, suspended_at) = (Some(at(90)), at(62));
        let events: [UserEvent; 4] = [
            UserInvited { challenge, invited_at: at(61) }.into(),
            UserSuspended { status: AccountStatus::Suspended, reason, until, suspended_at }.into(),
            UserReinstated { status: AccountStatus::Active, reinstated_at: at(63) }.into(),
            RoleChanged { role: Role::Moderator, changed_at: at(64) }.into(),
        ];
        for e in events {
            self.user_event(user, e).await;
        }
        let (viewer, denied_at) = (samples::new_user(), at(66));
        let subjects = vec![Subject::of(user)];
        let (service, api_key) = ("etl".to_owned(), ApiKeyId::mint(noon(), random()));
        let fetched = PersonalDataFetched {
            service,
            api_key,
            view: View::Audit,
            subjects: subjects.clone(),
            fetched_at: at(65),
        };
        let (act, problem) = ("list_audit".to_owned(), "staff-only".to_owned());
        let acted = OperatorActed {
            user: Some(viewer),
            act: "change_schedule".to_owned(),
            object: "update-user-counters".to_owned(),
            change: [("enabled".to_owned(), "false".to_owned())].into(),
            acted_at: at(66),
        };
        let events: [AccessLogEvent; 4] = [
            PersonalDataViewed { viewer, view: View::Accounts, subjects, viewed_at: at(65) }.into(),
            fetched.into(),
            AccessDenied { user: viewer, act, problem, denied_at }.into(),
            acted.into(),
        ];
        let day = AccessLogId::of(viewer, noon().date_naive());
        let events: Vec<NewEvent> = events.iter().map(event).collect();
        self.append(Subject::of(user), stream("access_log", day), events).await;
        let day = noon().date_naive();
        let deed = samples::deed(user, day);
        let events: [ActivityEvent; 3] = [
            ActiveDayRecorded { user, day, recorded_at: at(67) }.into(),
            samples::recorded(deed.clone(), at(68)).into(),
            ActivityReversed { deed, reversed_at: at(69) }.into(),
        ];
        let events: Vec<NewEvent> = events.iter().map(event).collect();
        self.append(Subject::of(user), stream("activity", ActivityId::of(user, day)), events).await;
        self.closes(day).await;
    }

    /// Somebody else wants to be deleted, stays, wants it again, and is gone.
    async fn leave(&self, witness: UserId) {
        let user = samples::new_user();
        let requested = |second| UserDeletionRequested {
            erase_after: at(second),
            by: DeletionBy::Owner,
            requested_at: at(second),
        };
        let (requested_at, erased_at) = (at(69), at(69));
        let certificate = ErasureCertified {
            destroyed_at: at(69),
            live_until: at(80),
            backups_until: at(90),
            certified_at: at(69),
            disk: Some(DiskPurge {
                purged_at: at(69),
                clean: [Place::ReadModels].into(),
                remaining: [Place::Backups].into(),
            }),
        };
        let events: [UserEvent; 6] = [
            samples::registered(user, &user.to_string(), "gone@example.com"),
            requested(67).into(),
            UserDeletionCancelled { cancelled_at: at(68) }.into(),
            requested(69).into(),
            UserErased { requested_at, erased_at }.into(),
            certificate.into(),
        ];
        let events: Vec<NewEvent> = events.iter().map(event).collect();
        self.append(Subject::of(witness), stream("user", user), events).await;
    }

    /// Two people follow, answer, part, block and mute.
    async fn meet(&self, user: UserId) {
        let (other, subject) = (samples::new_user(), Subject::of(user));
        let requested =
            |minute| FollowRequested { follower: user, followed: other, requested_at: at(minute) }.into();
        let reason = Some(Personal::new(subject, "Planted grudge".to_owned()));
        let cause = AcceptCause::Approved;
        let events: [FollowEvent; 9] = [
            requested(70),
            FollowRejected { follower: user, followed: other, rejected_at: at(71) }.into(),
            requested(72),
            FollowAccepted { follower: user, followed: other, cause, accepted_at: at(73) }.into(),
            UserMuted { muter: user, muted: other, muted_at: at(74) }.into(),
            UserUnmuted { muter: user, muted: other, unmuted_at: at(75) }.into(),
            UserBlocked { blocker: user, blocked: other, reason, blocked_at: at(76) }.into(),
            Unfollowed { follower: user, followed: other, cause: UnfollowCause::Blocked, ended_at: at(76) }
                .into(),
            UserUnblocked { blocker: user, blocked: other, unblocked_at: at(77) }.into(),
        ];
        let events: Vec<NewEvent> = events.iter().map(event).collect();
        self.append(subject, stream("follow", PairId::of(user, other)), events).await;
    }

    async fn fill_profile(&self, user: UserId) {
        let subject = Subject::of(user);
        let text = |value: &str| Some(Change::Set(Personal::new(subject, value.to_owned())));
        let birth = NaiveDate::from_ymd_opt(1990, 5, 17).unwrap();
        let first = ProfileChanges {
            full_name: text("Jane Former"),
            date_of_birth: Some(Change::Set(Personal::new(subject, birth))),
            address: text("1 Planted Street"),
            avatar_url: text("https://example.com/a.png"),
            city: text("Ulm"),
            country: text("DE"),
            skills: Some(Change::Set(Personal::new(subject, vec!["Rust".into(), "SQL".into()]))),
            cover_media_type: Some(Change::Set(MediaType::Image)),
            show_location: Some(Change::Set(true)),
            ..ProfileChanges::default()
        };
        let second = ProfileChanges {
            full_name: text(NAME),
            bio: text(BIO),
            cover_media_type: Some(Change::Cleared),
            ..ProfileChanges::default()
        };
        self.profile_event(user, ProfileUpdated { user, changes: first, updated_at: at(10) }.into()).await;
        self.profile_event(user, ProfileCompleted { user, completed_at: at(10) }.into()).await;
        self.profile_event(user, ProfileUpdated { user, changes: second, updated_at: at(20) }.into()).await;
    }

    /// Settings are chosen, and one of them is taken back.
    async fn choose(&self, user: UserId) {
        let subject = Subject::of(user);
        let text = |value: &str| Some(Change::Set(Personal::new(subject, value.to_owned())));
        let extra = serde_json::json!({ "note": "Planted preference" }).as_object().cloned();
        let first = SettingsChanges {
            theme: Some(Change::Set(Theme::Dark)),
            sms_notifications: Some(Change::Set(true)),
            language: text("pt-BR"),
            timezone: text("Europe/Lisbon"),
            extra: extra.map(|extra| Change::Set(Personal::new(subject, extra))),
            ..SettingsChanges::default()
        };
        let second = SettingsChanges { theme: Some(Change::Cleared), ..SettingsChanges::default() };
        for (changes, minute) in [(first, 25), (second, 26)] {
            let e: SettingsEvent = SettingsUpdated { user, changes, updated_at: at(minute) }.into();
            self.append(subject, stream("settings", user), vec![event(&e)]).await;
        }
    }

    async fn live(&self, Story { user, kept, swept, left, stolen, .. }: &Story) {
        let user = *user;
        for (minute, session) in [(30, kept), (31, swept), (32, left), (33, stolen)] {
            self.session_event(user, *session, session_started(user, 0, minute)).await;
        }
        let refresh_expires_at = at(35) + TimeDelta::days(7);
        let rotated = SessionRotated { user, generation: 2, rotated_at: at(35), refresh_expires_at };
        let prolonged = SessionProlonged { user, prolonged_at: at(35), refresh_expires_at };
        let repeated = RotationRepeated { user, generation: 2, repeated_at: at(35) };
        self.session_event(user, *kept, rotated.into()).await;
        self.session_event(user, *kept, repeated.into()).await;
        self.session_event(user, *kept, prolonged.into()).await;
        self.session_event(user, *swept, SessionVerified { user, verified_at: at(36) }.into()).await;
        let device = DeviceFingerprint::from_bytes([2; 16]);
        let changed = SessionDeviceChanged { user, device, changed_at: at(39) };
        self.session_event(user, *stolen, changed.into()).await;
        self.session_event(user, *left, session_ended(user, 40)).await;
        self.session_event(user, *stolen, RefreshReused { user, generation: 1, reused_at: at(41) }.into())
            .await;
        let cause = EndCause::RefreshReused;
        self.session_event(user, *stolen, SessionEnded { user, cause, ended_at: at(41) }.into()).await;
        // What ended otherwise has ended before.
        self.session_event(user, *left, session_expired(user, 41)).await;
        let failed: SignInEvent =
            SignInFailed { account: Some(user), cause: FailureCause::WrongPassword, failed_at: at(42) }
                .into();
        let (act, signals) = ("register".to_owned(), [BotSignal::NoAgent, BotSignal::Velocity].into());
        let suspected: SignInEvent =
            BotSuspected { act, signals, outcome: BotOutcome::Challenged, suspected_at: at(43) }.into();
        let signed_in: SignInEvent =
            SignedIn { account: user, session: *kept, left: vec![*swept], signed_in_at: at(30) }.into();
        let sign_ins = stream("sign_in", SignInId::of_sessions(user));
        self.append(Subject::of(user), sign_ins, vec![event(&signed_in)]).await;
        let network = SignInId::of_client("203.0.113.0/24", noon().date_naive());
        self.append(Subject::of(user), stream("sign_in", network), vec![event(&suspected)]).await;
        let failures = SignInId::of_account(user, noon().date_naive());
        let (cause, refused_at) = (RefusalCause::Suspended, at(42));
        let refused: SignInEvent = SignInRefused { account: user, cause, refused_at }.into();
        let events = vec![event(&failed), event(&refused)];
        self.append(Subject::of(user), stream("sign_in", failures), events).await;
        let challenge = ChallengeId::mint(noon(), random());
        self.user_event(user, PasswordResetRequested { challenge, requested_at: at(49) }.into()).await;
        let password = SecretId::mint(noon(), random());
        self.user_event(
            user,
            PasswordChanged { password, cause: PasswordCause::Changed, changed_at: at(50) }.into(),
        )
        .await;
    }
}
