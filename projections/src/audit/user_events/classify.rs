//! What an event of the log says to whom. Some say nothing.

use super::EventWord;
use domain::{
    AnyEvent, BadgeId, UserId,
    activity::{ActivityEvent, ActivityKind},
    api_key::{ApiKeyEvent, RevokeCause},
    award::AwardEvent,
    challenge::ChallengeEvent,
    follow::{AcceptCause, FollowEvent, UnfollowCause},
    ledger::LedgerEvent,
    profile::ProfileEvent,
    session::{EndCause, SessionEvent},
    settings::SettingsEvent,
    sign_in::{FailureCause, RefusalCause, SignInEvent},
    user::{ContactKind, PasswordCause, UserEvent},
    values::Account,
};

/// What a person is told. Only who did it, never whom it was done to: a block stays the blocker's own (SOC-05).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    pub user: UserId,
    pub word: EventWord,
    /// Whom it was about, if that is somebody else.
    pub target: Option<UserId>,
    /// A stable code, if it did not succeed.
    pub failure: Option<&'static str>,
    /// Which badge, where it is about one.
    pub badge: Option<EarnedBadge>,
}

/// A badge as it was when it was earned. Nothing in it is personal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EarnedBadge {
    pub badge: BadgeId,
    pub name: String,
    pub points: u32,
}

impl Told {
    const fn of(user: UserId, word: EventWord) -> Option<Self> {
        Some(Self { user, word, target: None, failure: None, badge: None })
    }

    const fn about(user: UserId, word: EventWord, target: UserId) -> Option<Self> {
        Some(Self { user, word, target: Some(target), failure: None, badge: None })
    }

    const fn failed(user: UserId, word: EventWord, failure: &'static str) -> Option<Self> {
        Some(Self { user, word, target: None, failure: Some(failure), badge: None })
    }

    /// Somebody should look at it.
    pub fn requires_review(&self) -> bool {
        matches!(self.word, EventWord::TokenReuseDetected | EventWord::SessionAnomaly)
    }
}

/// What an event tells its person. `stream` is the user for streams of a user's own id. Definitions and days are
/// nobody's, and what staff and services saw is in the audit log.
pub fn told(event: &AnyEvent, stream: UserId) -> Option<Told> {
    (event.user().and_then(|event| of_user(event, stream)))
        .or_else(|| event.session().and_then(of_session))
        .or_else(|| event.sign_in().and_then(of_sign_in))
        .or_else(|| event.challenge().and_then(of_challenge))
        .or_else(|| event.profile().and_then(of_profile))
        .or_else(|| event.follow().and_then(of_follow))
        .or_else(|| event.settings().and_then(of_settings))
        .or_else(|| event.api_key().and_then(of_api_key))
        .or_else(|| event.ledger().and_then(of_ledger))
        .or_else(|| event.award().and_then(of_award))
        .or_else(|| event.activity().and_then(of_activity))
}

fn of_sign_in(event: &SignInEvent) -> Option<Told> {
    match event {
        SignInEvent::SignInFailed(e) => Told::failed(e.account?, EventWord::LoginFailed, failure(e.cause)),
        SignInEvent::SignInRefused(e) => Told::failed(e.account, EventWord::LoginFailed, refusal(e.cause)),
        // The session that began says so; a suspicion is a network's, not a person's.
        SignInEvent::SignedIn(_) | SignInEvent::BotSuspected(_) => None,
    }
}

const fn of_challenge(event: &ChallengeEvent) -> Option<Told> {
    match event {
        // The request for it says so.
        ChallengeEvent::ChallengeIssued(_) => None,
        ChallengeEvent::ChallengeResent(e) => Told::of(e.user, EventWord::OtpRequested),
        ChallengeEvent::ChallengeFailed(e) => Told::failed(e.user, EventWord::OtpFailed, "code-wrong"),
        ChallengeEvent::ChallengePassed(e) => Told::of(e.user, EventWord::OtpVerified),
    }
}

const fn of_profile(event: &ProfileEvent) -> Option<Told> {
    match event {
        // It comes with the registration.
        ProfileEvent::ProfileCreated(_) => None,
        ProfileEvent::ProfileUpdated(e) => Told::of(e.user, EventWord::ProfileUpdated),
        ProfileEvent::ProfileCompleted(e) => Told::of(e.user, EventWord::ProfileCompleted),
        ProfileEvent::FeaturedBadgesChanged(e) => Told::of(e.user, EventWord::ProfileUpdated),
    }
}

const fn of_settings(event: &SettingsEvent) -> Option<Told> {
    match event {
        SettingsEvent::SettingsUpdated(e) => Told::of(e.user, EventWord::SettingsUpdated),
    }
}

const fn failure(cause: FailureCause) -> &'static str {
    match cause {
        FailureCause::UnknownAccount | FailureCause::WrongPassword => "credentials-wrong",
        FailureCause::Unverified => "contact-unverified",
    }
}

/// As the login was answered.
const fn refusal(cause: RefusalCause) -> &'static str {
    match cause {
        RefusalCause::Suspended => "account-suspended",
        RefusalCause::DeletionRequested => "deletion-requested",
    }
}

const fn of_user(event: &UserEvent, user: UserId) -> Option<Told> {
    match event {
        UserEvent::UserRegistered(_) => Told::of(user, EventWord::Register),
        UserEvent::VerificationRequested(_) => Told::of(user, EventWord::OtpRequested),
        UserEvent::AddressCorrected(_) => Told::of(user, EventWord::AddressCorrected),
        UserEvent::ContactVerified(e) => Told::of(
            user,
            match e.contact {
                ContactKind::Email => EventWord::EmailVerified,
                ContactKind::Phone => EventWord::PhoneVerified,
            },
        ),
        UserEvent::PasswordResetRequested(_) => Told::of(user, EventWord::PasswordResetRequested),
        UserEvent::PasswordChanged(e) => match e.cause {
            PasswordCause::Changed => Told::of(user, EventWord::PasswordChanged),
            PasswordCause::Reset => Told::of(user, EventWord::PasswordResetCompleted),
            PasswordCause::Rehashed => None,
        },
        UserEvent::EmailChangeCancelled(_) => Told::of(user, EventWord::EmailChangeCancelled),
        UserEvent::SessionsInvalidated(_) => Told::of(user, EventWord::SessionEnded),
        UserEvent::RoleChanged(_) => Told::of(user, EventWord::RoleChanged),
        UserEvent::UserSuspended(_) => Told::of(user, EventWord::AccountSuspended),
        UserEvent::UserReinstated(_) => Told::of(user, EventWord::AccountReinstated),
        UserEvent::UserDeletionRequested(_) => Told::of(user, EventWord::AccountDeletionRequested),
        UserEvent::UserDeletionCancelled(_) => Told::of(user, EventWord::AccountReactivated),
        UserEvent::UserErased(_) => Told::of(user, EventWord::AccountErased),
        // The registration and the erasure say so.
        UserEvent::UserInvited(_) | UserEvent::ErasureCertified(_) => None,
    }
}

const fn of_session(event: &SessionEvent) -> Option<Told> {
    match event {
        SessionEvent::SessionStarted(e) => Told::of(e.user, EventWord::Login),
        SessionEvent::SessionRotated(e) => Told::of(e.user, EventWord::TokenRefreshed),
        SessionEvent::SessionProlonged(e) => Told::of(e.user, EventWord::TokenRefreshed),
        SessionEvent::RotationRepeated(_) | SessionEvent::SessionVerified(_) => None,
        SessionEvent::RefreshReused(e) => {
            Told::failed(e.user, EventWord::TokenReuseDetected, "refresh-token-reused")
        }
        SessionEvent::SessionDeviceChanged(e) => Told::of(e.user, EventWord::SessionAnomaly),
        SessionEvent::SessionExpired(e) => Told::of(e.user, EventWord::SessionExpired),
        SessionEvent::SessionEnded(e) => Told::of(
            e.user,
            match e.cause {
                EndCause::Logout => EventWord::Logout,
                EndCause::Revoked | EndCause::RefreshReused | EndCause::Replaced | EndCause::TooMany => {
                    EventWord::SessionEnded
                }
            },
        ),
    }
}

/// Whose thing it was done to is told by what they may see of others, not here.
const fn of_activity(event: &ActivityEvent) -> Option<Told> {
    let (deed, word) = match event {
        // It follows from what they did.
        ActivityEvent::ActiveDayRecorded(_) => return None,
        ActivityEvent::ActivityRecorded(e) => (
            &e.deed,
            match e.deed.kind {
                ActivityKind::PostCreate => EventWord::PostCreate,
                ActivityKind::Comment => EventWord::Comment,
                ActivityKind::Like => EventWord::Like,
                ActivityKind::Share => EventWord::Share,
                ActivityKind::Review => EventWord::Review,
                ActivityKind::HelpfulVote => EventWord::HelpfulVote,
                ActivityKind::BugVerified => EventWord::BugVerified,
                ActivityKind::BetaJoined => EventWord::BetaJoined,
                ActivityKind::Report => EventWord::Report,
            },
        ),
        ActivityEvent::ActivityReversed(e) => (
            &e.deed,
            match e.deed.kind {
                ActivityKind::PostCreate => EventWord::PostDelete,
                ActivityKind::Comment => EventWord::CommentDelete,
                ActivityKind::Like => EventWord::Unlike,
                // Nothing takes these back.
                ActivityKind::Share
                | ActivityKind::Review
                | ActivityKind::HelpfulVote
                | ActivityKind::BugVerified
                | ActivityKind::BetaJoined
                | ActivityKind::Report => return None,
            },
        ),
    };
    Some(Told { user: deed.user, word, target: deed.target, failure: None, badge: None })
}

/// A service's key is nobody's.
fn of_api_key(event: &ApiKeyEvent) -> Option<Told> {
    match event {
        ApiKeyEvent::ApiKeyCreated(e) => Told::of(e.holder.user()?, EventWord::ApiKeyCreated),
        ApiKeyEvent::ApiKeyRevoked(e) => match e.cause {
            RevokeCause::Requested => Told::of(e.holder.user()?, EventWord::ApiKeyRevoked),
            // It was over before; another's creation says so.
            RevokeCause::Expired => None,
        },
        ApiKeyEvent::ApiKeyConfirmed(e) => Told::of(e.user, EventWord::ApiKeyConfirmed),
        ApiKeyEvent::ApiKeyRenamed(_) | ApiKeyEvent::ApiKeyTakenOver(_) => None,
    }
}

fn of_award(event: &AwardEvent) -> Option<Told> {
    match event {
        AwardEvent::BadgeAwarded(e) => {
            let badge = EarnedBadge { badge: e.badge, name: e.name.clone(), points: e.points };
            Told::of(e.user, EventWord::BadgeEarned).map(|told| Told { badge: Some(badge), ..told })
        }
        // What staff do about it is in the audit log.
        AwardEvent::BadgeRevoked(_) | AwardEvent::RevocationLifted(_) | AwardEvent::AwardNoted(_) => None,
    }
}

/// What comes and what goes; the rest is in the statement. Of money no kind of event tells.
const fn of_ledger(event: &LedgerEvent) -> Option<Told> {
    let (user, posted, earned) = match event {
        LedgerEvent::FundsGranted(e) => (e.user, e.posting.account(), true),
        LedgerEvent::HoldCaptured(e) => (e.user, e.posting.account(), false),
        LedgerEvent::FundsSpent(e) => (e.user, e.posting.account(), false),
        LedgerEvent::GrantRevoked(_)
        | LedgerEvent::FundsReserved(_)
        | LedgerEvent::HoldRefunded(_)
        | LedgerEvent::AccountAdjusted(_) => return None,
    };
    match (posted, earned) {
        (Account::Balance, _) => None,
        (Account::Points, true) => Told::of(user, EventWord::PointsEarned),
        (Account::Points, false) => Told::of(user, EventWord::PointsSpent),
        (Account::AiText | Account::AiImage, true) => Told::of(user, EventWord::CreditsGranted),
        (Account::AiText | Account::AiImage, false) => Told::of(user, EventWord::CreditsSpent),
    }
}

const fn of_follow(event: &FollowEvent) -> Option<Told> {
    match event {
        FollowEvent::FollowRequested(e) => Told::about(e.follower, EventWord::FollowRequested, e.followed),
        FollowEvent::FollowAccepted(e) => match e.cause {
            AcceptCause::Approved => Told::about(e.followed, EventWord::FollowApproved, e.follower),
            AcceptCause::Policy => Told::about(e.follower, EventWord::Follow, e.followed),
        },
        FollowEvent::FollowRejected(e) => Told::about(e.followed, EventWord::FollowRejected, e.follower),
        FollowEvent::Unfollowed(e) => match e.cause {
            UnfollowCause::Unfollowed => Told::about(e.follower, EventWord::Unfollow, e.followed),
            UnfollowCause::Removed => Told::about(e.followed, EventWord::Unfollow, e.follower),
            // The block says so, to the blocker; an erasure is nobody's act toward the other.
            UnfollowCause::Blocked | UnfollowCause::Erased => None,
        },
        FollowEvent::UserBlocked(e) => Told::about(e.blocker, EventWord::Block, e.blocked),
        FollowEvent::UserUnblocked(e) => Told::about(e.blocker, EventWord::Unblock, e.blocked),
        // Nobody but the muter's own lists tells of it.
        FollowEvent::UserMuted(_) | FollowEvent::UserUnmuted(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::DateTime;
    use domain::follow::{Unfollowed, UserBlocked};
    use uuid::Uuid;

    const fn user(n: u128) -> UserId {
        UserId::from_uuid(Uuid::from_u128(n))
    }

    #[test]
    fn block_is_told_to_the_blocker_only() {
        let at = DateTime::UNIX_EPOCH;
        let (blocker, blocked) = (user(1), user(2));
        let block = FollowEvent::from(UserBlocked { blocker, blocked, reason: None, blocked_at: at });
        let cause = UnfollowCause::Blocked;
        let end = FollowEvent::from(Unfollowed { follower: blocked, followed: blocker, cause, ended_at: at });

        let told_of = |event: FollowEvent| told(&event.into(), user(3));

        let expected = Told::about(blocker, EventWord::Block, blocked);
        assert_eq!((told_of(block), told_of(end)), (expected, None));
    }
}
