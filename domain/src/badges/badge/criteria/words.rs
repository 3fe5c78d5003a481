//! The words of criteria. Their wire forms are in stored events: **frozen**.

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;

macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$word_doc:meta])* $word:ident = $wire:literal),* $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
        pub enum $name { $($(#[$word_doc])* #[serde(rename = $wire)] $word),* }

        impl $name {
            pub const ALL: &'static [Self] = &[$(Self::$word),*];

            /// The wire form.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$word => $wire),* }
            }

            /// The one of this wire form.
            pub fn named(name: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|word| word.name() == name)
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.name())
            }
        }
    };
}
pub(super) use words;

words! {
    /// What a person does, by the event types of enumeration 3.6.
    Action {
        /// A day on which the person was there (C-22): one a day.
        Login = "login",
        PostCreate = "post_create",
        Comment = "comment",
        Share = "share",
        Like = "like",
        Review = "review",
        HelpfulVote = "helpful_vote",
        /// A report of a defect that was verified.
        BugVerified = "bug_verified",
        BetaJoined = "beta_joined",
        /// A follow that counts: an accepted one.
        Follow = "follow",
    }
}

impl Action {
    /// What the engagement score and the interaction frequency count as interactions.
    pub const ENGAGING: &'static [Self] = &[Self::Like, Self::Comment, Self::Share];

    /// What `social_interaction` may ask for: what is done to other people or to what is theirs.
    pub const SOCIAL: &'static [Self] =
        &[Self::Like, Self::Comment, Self::Share, Self::Review, Self::HelpfulVote, Self::Follow];

    /// For so many of them: "logins", "post".
    pub(super) const fn noun(self, n: i64) -> &'static str {
        let (one, many) = match self {
            Self::Login => ("active day", "active days"),
            Self::PostCreate => ("post", "posts"),
            Self::Comment => ("comment", "comments"),
            Self::Share => ("share", "shares"),
            Self::Like => ("like", "likes"),
            Self::Review => ("review", "reviews"),
            Self::HelpfulVote => ("helpful vote", "helpful votes"),
            Self::BugVerified => ("verified bug report", "verified bug reports"),
            Self::BetaJoined => ("beta joined", "betas joined"),
            Self::Follow => ("follow", "follows"),
        };
        if n == 1 { one } else { many }
    }
}

words! {
    /// How a requirement compares (BDG-06).
    Operator { AtLeast = ">=", AtMost = "<=", Equal = "==" }
}

words! {
    /// How many of the requirements it takes (BDG-06).
    Logic {
        /// Every one.
        And = "AND",
        /// One of them.
        Or = "OR",
    }
}

words! {
    /// Which deeds count (BDG-08).
    Timeframe {
        AllTime = "all_time",
        Day = "1d",
        Week = "7d",
        Month = "30d",
        Year = "365d",
    }
}

impl Operator {
    pub(super) const fn holds(self, current: i64, target: i64) -> bool {
        match self {
            Self::AtLeast => current >= target,
            Self::AtMost => current <= target,
            Self::Equal => current == target,
        }
    }
}

impl Timeframe {
    /// Length of the window; none if everything counts.
    pub const fn days(self) -> Option<u16> {
        match self {
            Self::AllTime => None,
            Self::Day => Some(1),
            Self::Week => Some(7),
            Self::Month => Some(30),
            Self::Year => Some(365),
        }
    }
}

/// How good a deed was found to be, 0.0 to 5.0 in steps of 0.1. A JSON number.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Quality(u8);

impl Quality {
    pub const MAX_TENTHS: u8 = 50;

    /// None above 50 tenths.
    pub const fn of_tenths(tenths: u8) -> Option<Self> {
        if tenths <= Self::MAX_TENTHS { Some(Self(tenths)) } else { None }
    }

    /// None outside 0.0 to 5.0, or with more than one decimal.
    pub fn of_number(number: f64) -> Option<Self> {
        (0..=Self::MAX_TENTHS).map(Self).find(|quality| (quality.number() - number).abs() < 1e-9)
    }

    pub const fn tenths(self) -> u8 {
        self.0
    }

    pub fn number(self) -> f64 {
        f64::from(self.0) / 10.0
    }
}

impl fmt::Display for Quality {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.0 / 10, self.0 % 10)
    }
}

impl fmt::Debug for Quality {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Quality({self})")
    }
}

impl Serialize for Quality {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_f64(self.number())
    }
}

impl<'de> Deserialize<'de> for Quality {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let number = f64::deserialize(deserializer)?;
        Self::of_number(number)
            .ok_or_else(|| serde::de::Error::custom("a quality is 0.0 to 5.0 in steps of 0.1"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_the_wire_forms() {
        for action in Action::ALL {
            assert_eq!(serde_json::to_value(action).unwrap(), action.name());
            assert_eq!(Action::named(action.name()), Some(*action));
        }
        assert_eq!(Operator::named("<="), Some(Operator::AtMost));
        assert_eq!(Logic::named("and"), None);
    }

    #[test]
    fn quality_has_one_decimal_between_0_and_5() {
        for tenths in 0..=Quality::MAX_TENTHS {
            let quality = Quality::of_tenths(tenths).unwrap();
            let text = serde_json::to_string(&quality).unwrap();
            assert_eq!(serde_json::from_str::<Quality>(&text).unwrap(), quality, "{text}");
        }
        for bad in [-0.1, 5.1, 4.05, f64::NAN, f64::INFINITY] {
            assert_eq!(Quality::of_number(bad), None, "{bad}");
        }
    }
}
