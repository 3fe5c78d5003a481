//! The fields that a counter or a requirement can compare: a closed list.

use super::{
    fact::Trigger,
    words::{Action, words},
};

words! {
    /// A number about one person. Whole, and 0 where nothing was told.
    Field {
        PostsCount = "posts_count",
        CommentsCount = "comments_count",
        SharesCount = "shares_count",
        LikesGiven = "likes_given",
        /// On everything of theirs together.
        LikesReceived = "likes_received",
        /// On the one of their objects that has most.
        LikesReceivedMax = "likes_received_max",
        ReviewsCount = "reviews_count",
        /// Received.
        HelpfulVotes = "helpful_votes",
        BugsVerified = "bugs_verified",
        /// 0 or 1.
        BetaJoined = "beta_joined",
        FollowerCount = "follower_count",
        FollowingCount = "following_count",
        /// Days on which the person was there, ever.
        ActiveDays = "active_days",
        /// 1 for whoever registered first. It compares to nothing until the registration was seen.
        RegistrationOrdinal = "registration_ordinal",
        /// 1 while moderator, admin or owner.
        IsModerator = "is_moderator",
        /// 1 while verified.
        IsVerified = "is_verified",
        /// 1 while the profile is complete (PRO-05).
        IsProfileComplete = "is_profile_complete",
        /// 0 to 100, over 30 days and rounded down:
        /// 40 · active days / 30 + 30 · min(interactions / 100, 1) + 20 · min(posts / 20, 1)
        /// + 10 · min(new followers / 20, 1).
        EngagementScore = "engagement_score",
        /// Interactions per active day, over 30 days and rounded down.
        InteractionFrequency = "interaction_frequency",
    }
}

/// A field that other systems have and this one refuses, with the reason.
pub(super) const REFUSED: (&str, &str) = (
    "content_quality_score",
    "content_quality_score compares people with each other, so the actions of one person could change the badges of another",
);

/// Days over which scores look back.
pub(super) const SCORE_DAYS: u16 = 30;

impl Field {
    /// The greatest value that makes sense to compare with.
    pub const fn greatest(self) -> i64 {
        match self {
            Self::BetaJoined | Self::IsModerator | Self::IsVerified | Self::IsProfileComplete => 1,
            Self::EngagementScore => 100,
            Self::PostsCount
            | Self::CommentsCount
            | Self::SharesCount
            | Self::LikesGiven
            | Self::LikesReceived
            | Self::LikesReceivedMax
            | Self::ReviewsCount
            | Self::HelpfulVotes
            | Self::BugsVerified
            | Self::FollowerCount
            | Self::FollowingCount
            | Self::ActiveDays
            | Self::RegistrationOrdinal
            | Self::InteractionFrequency => super::rule::Limits::COUNT,
        }
    }

    /// Which facts can change it.
    pub fn triggers(self) -> Vec<Trigger> {
        let engaging = || Action::ENGAGING.iter().map(|action| Trigger::Did(*action));
        match self {
            Self::LikesReceived | Self::LikesReceivedMax => vec![Trigger::Received(Action::Like)],
            Self::HelpfulVotes => vec![Trigger::Received(Action::HelpfulVote)],
            Self::FollowerCount => vec![Trigger::Followers],
            Self::RegistrationOrdinal => vec![Trigger::Registered],
            Self::IsModerator => vec![Trigger::Moderates],
            Self::IsVerified => vec![Trigger::Verified],
            Self::IsProfileComplete => vec![Trigger::ProfileComplete],
            Self::EngagementScore => engaging()
                .chain([Trigger::Did(Action::Login), Trigger::Did(Action::PostCreate), Trigger::Followers])
                .collect(),
            Self::InteractionFrequency => engaging().chain([Trigger::Did(Action::Login)]).collect(),
            Self::PostsCount
            | Self::CommentsCount
            | Self::SharesCount
            | Self::LikesGiven
            | Self::ReviewsCount
            | Self::BugsVerified
            | Self::BetaJoined
            | Self::FollowingCount
            | Self::ActiveDays => self.counted().map(Trigger::Did).into_iter().collect(),
        }
    }

    /// The action whose deeds it counts, if it is such a count.
    pub(super) const fn counted(self) -> Option<Action> {
        match self {
            Self::PostsCount => Some(Action::PostCreate),
            Self::CommentsCount => Some(Action::Comment),
            Self::SharesCount => Some(Action::Share),
            Self::LikesGiven => Some(Action::Like),
            Self::ReviewsCount => Some(Action::Review),
            Self::BugsVerified => Some(Action::BugVerified),
            Self::BetaJoined => Some(Action::BetaJoined),
            Self::FollowingCount => Some(Action::Follow),
            Self::ActiveDays => Some(Action::Login),
            Self::LikesReceived
            | Self::LikesReceivedMax
            | Self::HelpfulVotes
            | Self::FollowerCount
            | Self::RegistrationOrdinal
            | Self::IsModerator
            | Self::IsVerified
            | Self::IsProfileComplete
            | Self::EngagementScore
            | Self::InteractionFrequency => None,
        }
    }

    /// What to do to have `n` more: "Need 25 more posts".
    pub(super) fn need(self, n: i64) -> String {
        let (one, many) = match self {
            Self::LikesReceived => ("like received", "likes received"),
            Self::LikesReceivedMax => ("like on one object", "likes on one object"),
            Self::HelpfulVotes => ("helpful vote received", "helpful votes received"),
            Self::FollowerCount => ("follower", "followers"),
            Self::RegistrationOrdinal => ("earlier registration", "earlier registrations"),
            Self::EngagementScore => ("point of engagement", "points of engagement"),
            Self::InteractionFrequency => ("interaction per active day", "interactions per active day"),
            Self::IsModerator => return "Need to be a moderator or admin".to_owned(),
            Self::IsVerified => return "Need to be verified".to_owned(),
            Self::IsProfileComplete => return "Need to complete the profile".to_owned(),
            Self::BetaJoined => return "Need to join the beta".to_owned(),
            Self::PostsCount
            | Self::CommentsCount
            | Self::SharesCount
            | Self::LikesGiven
            | Self::ReviewsCount
            | Self::BugsVerified
            | Self::FollowingCount
            | Self::ActiveDays => {
                let noun = self.counted().map_or("", |action| action.noun(n));
                return format!("Need {n} more {noun}");
            }
        };
        format!("Need {n} more {}", if n == 1 { one } else { many })
    }
}
