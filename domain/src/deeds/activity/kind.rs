//! Kinds of activity, in the words of enumeration 3.6, and their limits (BDG-22, C-41).

use crate::badge::criteria::Action;
use serde::{Deserialize, Serialize};

/// How many of a kind count, per hour and per day; more are recorded and count for nothing (BDG-22).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Caps {
    /// Within one hour of UTC.
    pub per_hour: u32,
    /// Within the person's local day.
    pub per_day: u32,
}

macro_rules! kinds {
    ($($(#[$doc:meta])* $kind:ident = $wire:literal, $hour:literal per hour, $day:literal per day;)*) => {
        /// A kind of deed. Its wire form is in stored events: **frozen**.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        pub enum ActivityKind { $($(#[$doc])* #[serde(rename = $wire)] $kind),* }

        impl ActivityKind {
            pub const ALL: &'static [Self] = &[$(Self::$kind),*];

            /// The wire form.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$kind => $wire),* }
            }

            pub const fn caps(self) -> Caps {
                match self { $(Self::$kind => Caps { per_hour: $hour, per_day: $day }),* }
            }
        }
    };
}

kinds! {
    PostCreate = "post_create", 30 per hour, 100 per day;
    Comment = "comment", 100 per hour, 500 per day;
    Like = "like", 300 per hour, 1_000 per day;
    Share = "share", 60 per hour, 300 per day;
    Review = "review", 20 per hour, 50 per day;
    /// Somebody finds something of another's helpful.
    HelpfulVote = "helpful_vote", 100 per hour, 500 per day;
    /// A report of a defect was verified.
    BugVerified = "bug_verified", 20 per hour, 50 per day;
    BetaJoined = "beta_joined", 1 per hour, 1 per day;
    /// Somebody tells of content that should not be there.
    Report = "report", 30 per hour, 100 per day;
}

impl ActivityKind {
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.name() == name)
    }

    /// What a reversal of it is called.
    pub const fn reversal(self) -> Option<&'static str> {
        match self {
            Self::PostCreate => Some("post_delete"),
            Self::Comment => Some("comment_delete"),
            Self::Like => Some("unlike"),
            Self::Share
            | Self::Review
            | Self::HelpfulVote
            | Self::BugVerified
            | Self::BetaJoined
            | Self::Report => None,
        }
    }

    /// The kind that such a reversal takes back.
    pub fn reversed_by(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.reversal() == Some(name))
    }

    /// What people may say of themselves (C-40): nothing that another person's or the content's own service knows
    /// better.
    pub const fn is_for_clients(self) -> bool {
        matches!(self, Self::Share | Self::Report)
    }

    /// Whether it is meant for other people's things: one's own count for nothing.
    pub const fn is_praise(self) -> bool {
        matches!(self, Self::Like | Self::HelpfulVote | Self::Review | Self::Share)
    }

    /// As criteria of badges know it; none: no badge asks for it.
    pub const fn action(self) -> Option<Action> {
        Some(match self {
            Self::PostCreate => Action::PostCreate,
            Self::Comment => Action::Comment,
            Self::Like => Action::Like,
            Self::Share => Action::Share,
            Self::Review => Action::Review,
            Self::HelpfulVote => Action::HelpfulVote,
            Self::BugVerified => Action::BugVerified,
            Self::BetaJoined => Action::BetaJoined,
            Self::Report => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_the_wire_forms_and_the_words_of_criteria() {
        for kind in ActivityKind::ALL {
            assert_eq!(serde_json::to_value(kind).unwrap(), kind.name());
            assert_eq!(ActivityKind::named(kind.name()), Some(*kind));
            assert!(kind.action().is_none_or(|action| action.name() == kind.name()), "{kind:?}");
            assert!(kind.caps().per_hour <= kind.caps().per_day, "{kind:?}");
        }
    }

    #[test]
    fn reversals_name_what_they_take_back() {
        assert_eq!(ActivityKind::reversed_by("unlike"), Some(ActivityKind::Like));
        assert_eq!(ActivityKind::reversed_by("post_delete"), Some(ActivityKind::PostCreate));
        assert_eq!(ActivityKind::reversed_by("comment_delete"), Some(ActivityKind::Comment));
        assert_eq!(ActivityKind::reversed_by("like"), None);
    }
}
