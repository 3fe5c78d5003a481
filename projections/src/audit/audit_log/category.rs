//! The four audit classes (AUD-02).

use domain::{
    AnyEvent,
    access_log::AccessLogEvent,
    activity::ActivityEvent,
    api_key::{ApiKeyCreated, ApiKeyEvent, ApiKeyRevoked, Holder},
    award::{AwardEvent, Awarder, BadgeAwarded},
    badge::BadgeEvent,
    calendar::CalendarEvent,
    challenge::ChallengeEvent,
    follow::FollowEvent,
    inbox::InboxEvent,
    ledger::LedgerEvent,
    profile::ProfileEvent,
    session::{EndCause, SessionEvent},
    settings::SettingsEvent,
    sign_in::SignInEvent,
    skill::SkillEvent,
    user::{DeletionBy, UserEvent},
};
use serde::{Deserialize, Serialize};
use std::str::FromStr;

/// What an event is, to an auditor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Category {
    /// Someone used their account.
    User,
    /// Staff or an operator acted for another.
    Admin,
    /// Credentials, proofs, refusals.
    Security,
    /// Stored data changed.
    Data,
}

impl Category {
    pub const ALL: [Self; 4] = [Self::User, Self::Admin, Self::Security, Self::Data];

    /// The wire form.
    pub const fn name(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Admin => "admin",
            Self::Security => "security",
            Self::Data => "data",
        }
    }

    pub(super) fn of(event: &AnyEvent) -> Self {
        match event {
            AnyEvent::User(event) => of_user(event),
            AnyEvent::Session(event) => of_session(event),
            AnyEvent::SignIn(
                SignInEvent::SignInFailed(_) | SignInEvent::SignInRefused(_) | SignInEvent::BotSuspected(_),
            ) => Self::Security,
            AnyEvent::SignIn(SignInEvent::SignedIn(_)) => Self::User,
            AnyEvent::Challenge(
                ChallengeEvent::ChallengeIssued(_)
                | ChallengeEvent::ChallengeResent(_)
                | ChallengeEvent::ChallengeFailed(_)
                | ChallengeEvent::ChallengePassed(_),
            ) => Self::Security,
            AnyEvent::Profile(
                ProfileEvent::ProfileCreated(_)
                | ProfileEvent::ProfileUpdated(_)
                | ProfileEvent::ProfileCompleted(_)
                | ProfileEvent::FeaturedBadgesChanged(_),
            ) => Self::Data,
            AnyEvent::AccessLog(
                AccessLogEvent::PersonalDataViewed(_)
                | AccessLogEvent::PersonalDataFetched(_)
                | AccessLogEvent::OperatorActed(_),
            ) => Self::Admin,
            AnyEvent::AccessLog(AccessLogEvent::AccessDenied(_)) => Self::Security,
            AnyEvent::Activity(
                ActivityEvent::ActiveDayRecorded(_)
                | ActivityEvent::ActivityRecorded(_)
                | ActivityEvent::ActivityReversed(_),
            ) => Self::User,
            AnyEvent::Follow(
                FollowEvent::FollowRequested(_)
                | FollowEvent::FollowAccepted(_)
                | FollowEvent::FollowRejected(_)
                | FollowEvent::Unfollowed(_)
                | FollowEvent::UserBlocked(_)
                | FollowEvent::UserUnblocked(_)
                | FollowEvent::UserMuted(_)
                | FollowEvent::UserUnmuted(_),
            ) => Self::User,
            AnyEvent::Settings(SettingsEvent::SettingsUpdated(_)) => Self::Data,
            AnyEvent::ApiKey(event) => of_api_key(event),
            AnyEvent::Badge(
                BadgeEvent::BadgeDefined(_)
                | BadgeEvent::BadgeRevised(_)
                | BadgeEvent::BadgeActivated(_)
                | BadgeEvent::BadgeRetired(_),
            ) => Self::Admin,
            AnyEvent::Calendar(CalendarEvent::DayClosed(_)) => Self::Data,
            AnyEvent::Award(event) => of_award(event),
            AnyEvent::Ledger(event) => of_ledger(event),
            AnyEvent::Skill(
                SkillEvent::SkillAdded(_) | SkillEvent::SkillRevised(_) | SkillEvent::SkillRemoved(_),
            ) => Self::Data,
            AnyEvent::Inbox(InboxEvent::NotificationRead(_) | InboxEvent::NotificationsRead(_)) => Self::User,
        }
    }
}

/// A text that is no category.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a category must be one of user, admin, security, data")]
pub struct UnknownCategory;

impl FromStr for Category {
    type Err = UnknownCategory;

    fn from_str(text: &str) -> Result<Self, UnknownCategory> {
        Self::ALL.into_iter().find(|category| category.name() == text).ok_or(UnknownCategory)
    }
}

fn of_user(event: &UserEvent) -> Category {
    match event {
        UserEvent::UserRegistered(_)
        | UserEvent::VerificationRequested(_)
        | UserEvent::AddressCorrected(_) => Category::User,
        UserEvent::RoleChanged(_)
        | UserEvent::UserSuspended(_)
        | UserEvent::UserReinstated(_)
        | UserEvent::UserInvited(_) => Category::Admin,
        // Without a challenge, an operator vouched for it.
        UserEvent::ContactVerified(e) if e.challenge.is_none() => Category::Admin,
        UserEvent::ContactVerified(_) => Category::User,
        UserEvent::PasswordResetRequested(_)
        | UserEvent::EmailChangeCancelled(_)
        | UserEvent::PasswordChanged(_)
        | UserEvent::SessionsInvalidated(_) => Category::Security,
        UserEvent::UserDeletionRequested(e) if e.by == DeletionBy::Staff => Category::Admin,
        UserEvent::UserDeletionRequested(_) | UserEvent::UserDeletionCancelled(_) => Category::User,
        UserEvent::UserErased(_) | UserEvent::ErasureCertified(_) => Category::Data,
    }
}

fn of_session(event: &SessionEvent) -> Category {
    match event {
        SessionEvent::SessionStarted(_)
        | SessionEvent::SessionRotated(_)
        | SessionEvent::SessionProlonged(_)
        | SessionEvent::RotationRepeated(_)
        | SessionEvent::SessionVerified(_)
        | SessionEvent::SessionExpired(_) => Category::User,
        SessionEvent::RefreshReused(_) | SessionEvent::SessionDeviceChanged(_) => Category::Security,
        SessionEvent::SessionEnded(e) => match e.cause {
            EndCause::Logout | EndCause::Replaced => Category::User,
            EndCause::Revoked | EndCause::RefreshReused | EndCause::TooMany => Category::Security,
        },
    }
}

const fn of_ledger(event: &LedgerEvent) -> Category {
    match event {
        LedgerEvent::FundsReserved(_) | LedgerEvent::FundsSpent(_) => Category::User,
        LedgerEvent::AccountAdjusted(_) => Category::Admin,
        LedgerEvent::FundsGranted(_)
        | LedgerEvent::GrantRevoked(_)
        | LedgerEvent::HoldCaptured(_)
        | LedgerEvent::HoldRefunded(_) => Category::Data,
    }
}

/// A person's key opens an account; a service's is an act of staff.
const fn of_api_key(event: &ApiKeyEvent) -> Category {
    match event {
        ApiKeyEvent::ApiKeyCreated(ApiKeyCreated { holder: Holder::Service(_), .. })
        | ApiKeyEvent::ApiKeyRevoked(ApiKeyRevoked { holder: Holder::Service(_), .. })
        | ApiKeyEvent::ApiKeyTakenOver(_) => Category::Admin,
        ApiKeyEvent::ApiKeyCreated(_) | ApiKeyEvent::ApiKeyConfirmed(_) | ApiKeyEvent::ApiKeyRevoked(_) => {
            Category::Security
        }
        ApiKeyEvent::ApiKeyRenamed(_) => Category::Data,
    }
}

/// What somebody earned is their own; a gift of staff and what staff take away is not.
const fn of_award(event: &AwardEvent) -> Category {
    match event {
        AwardEvent::BadgeAwarded(BadgeAwarded {
            awarded_by: Awarder::System | Awarder::Service(_), ..
        }) => Category::User,
        AwardEvent::BadgeAwarded(BadgeAwarded { awarded_by: Awarder::Staff(_), .. })
        | AwardEvent::BadgeRevoked(_)
        | AwardEvent::RevocationLifted(_)
        | AwardEvent::AwardNoted(_) => Category::Admin,
    }
}
