//! Kinds of events as clients know them (enumerations 3.5 and 3.6), as far as the log tells them today.

use serde::{Deserialize, Serialize};

/// How much an event matters. Wire form snake case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    Low,
    Medium,
    High,
    Critical,
}

impl Severity {
    pub const ALL: [Self; 4] = [Self::Low, Self::Medium, Self::High, Self::Critical];

    /// The wire form.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }

    /// What an event's risk begins with (section 7).
    const fn risk(self) -> u8 {
        match self {
            Self::Low => 10,
            Self::Medium => 40,
            Self::High => 70,
            Self::Critical => 90,
        }
    }
}

macro_rules! words {
    ($($word:ident = $name:literal, $severity:ident, $security:literal, $description:literal;)*) => {
        /// The kind of an event. Wire form snake case.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
        pub enum EventWord {
            $(#[serde(rename = $name)] $word,)*
        }

        impl EventWord {
            pub const ALL: &'static [Self] = &[$(Self::$word),*];

            /// The wire form.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$word => $name),* }
            }

            pub const fn severity(self) -> Severity {
                match self { $(Self::$word => Severity::$severity),* }
            }

            /// 0 to 100 (section 7): of its severity, and 10 more each for a failure and for another device than before.
            /// A login on a new device is not known as such, nor are countries.
            pub const fn risk_score(self, success: bool) -> u8 {
                let failed = if success { 0 } else { 10 };
                let moved = if matches!(self, Self::SessionAnomaly) { 10 } else { 0 };
                self.severity().risk() + failed + moved
            }

            /// Of the groups `auth` and account security of 3.6.
            pub const fn is_security(self) -> bool {
                match self { $(Self::$word => $security),* }
            }

            /// For people.
            pub const fn description(self) -> &'static str {
                match self { $(Self::$word => $description),* }
            }
        }
    };
}

words! {
    Login = "login", Low, false, "Logged in";
    Logout = "logout", Low, false, "Logged out";
    Register = "register", Low, false, "Registered";
    LoginFailed = "login_failed", Medium, true, "A login failed";
    TokenRefreshed = "token_refreshed", Low, true, "A session was continued";
    TokenReuseDetected = "token_reuse_detected", Critical, true, "A refresh token was used twice";
    SessionEnded = "session_ended", Low, true, "A session was ended";
    SessionExpired = "session_expired", Low, true, "A session's time was over";
    SessionAnomaly = "session_anomaly", High, true, "A session was used on another device than before";
    PasswordChanged = "password_changed", Medium, true, "The password was changed";
    PasswordResetRequested = "password_reset_requested", Medium, true, "A new password was asked for";
    PasswordResetCompleted = "password_reset_completed", Medium, true, "A new password was set by its link";
    OtpRequested = "otp_requested", Low, true, "A code was asked for";
    OtpVerified = "otp_verified", Low, true, "A code was used";
    OtpFailed = "otp_failed", Medium, true, "A wrong code was given";
    AddressCorrected = "address_corrected", Medium, true, "An unverified e-mail address was corrected";
    EmailVerified = "email_verified", Low, true, "An e-mail address was verified";
    EmailChangeCancelled = "email_change_cancelled", Medium, true, "A change of the e-mail address was stopped or taken back";
    PhoneVerified = "phone_verified", Low, true, "A phone number was verified";
    ApiKeyCreated = "api_key_created", Medium, true, "An API key was made";
    ApiKeyConfirmed = "api_key_confirmed", Medium, true, "An API key was confirmed after a reset of the password";
    ApiKeyRevoked = "api_key_revoked", Medium, true, "An API key was revoked";
    RoleChanged = "role_changed", Medium, true, "The role was changed";
    AccountSuspended = "account_suspended", High, true, "The account was suspended";
    AccountReinstated = "account_reinstated", Medium, true, "The suspension was taken back";
    AccountDeletionRequested = "account_deletion_requested", High, true, "The deletion of the account was asked for";
    AccountReactivated = "account_reactivated", Medium, true, "The deletion of the account was taken back";
    AccountErased = "account_erased", Medium, true, "The account was erased";
    ProfileUpdated = "profile_updated", Low, false, "The profile was changed";
    ProfileCompleted = "profile_completed", Low, false, "The profile became complete";
    SettingsUpdated = "settings_updated", Low, false, "The settings were changed";
    Follow = "follow", Low, false, "Followed somebody";
    Unfollow = "unfollow", Low, false, "A follow was ended";
    FollowRequested = "follow_requested", Low, false, "Asked to follow somebody";
    FollowApproved = "follow_approved", Low, false, "Accepted a follower";
    FollowRejected = "follow_rejected", Low, false, "Turned a follower down";
    BadgeEarned = "badge_earned", Low, false, "Earned badge";
    Block = "block", Low, false, "Blocked somebody";
    Unblock = "unblock", Low, false, "Took a block back";
    PostCreate = "post_create", Low, false, "Posted something";
    PostDelete = "post_delete", Low, false, "Deleted a post";
    Comment = "comment", Low, false, "Commented";
    CommentDelete = "comment_delete", Low, false, "Deleted a comment";
    Like = "like", Low, false, "Liked something";
    Unlike = "unlike", Low, false, "Took a like back";
    Share = "share", Low, false, "Shared something";
    Review = "review", Low, false, "Reviewed something";
    HelpfulVote = "helpful_vote", Low, false, "Found something helpful";
    BugVerified = "bug_verified", Low, false, "A reported defect was verified";
    BetaJoined = "beta_joined", Low, false, "Joined a beta";
    Report = "report", Low, false, "Reported something";
    PointsEarned = "points_earned", Low, false, "Points were earned";
    PointsSpent = "points_spent", Low, false, "Points were spent";
    CreditsGranted = "credits_granted", Low, false, "Credits were granted";
    CreditsSpent = "credits_spent", Low, false, "Credits were spent";
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn words_are_told_apart_and_written_as_they_are_named() {
        let names: BTreeSet<&str> = EventWord::ALL.iter().map(|word| word.name()).collect();

        assert_eq!(names.len(), EventWord::ALL.len());
        for word in EventWord::ALL {
            assert_eq!(serde_json::to_value(word).unwrap(), word.name());
        }
        for severity in Severity::ALL {
            assert_eq!(serde_json::to_value(severity).unwrap(), severity.name());
        }
    }

    #[test]
    fn risk_follows_from_severity_failure_and_another_device() {
        let words = [
            EventWord::Login,
            EventWord::LoginFailed,
            EventWord::AccountSuspended,
            EventWord::SessionAnomaly,
            EventWord::TokenReuseDetected,
        ];
        let scores = words.map(|word| (word.risk_score(true), word.risk_score(false)));

        assert_eq!(scores, [(10, 20), (40, 50), (70, 80), (80, 90), (90, 100)]);
        assert!(EventWord::ALL.iter().all(|word| word.risk_score(false) <= 100));
    }
}
