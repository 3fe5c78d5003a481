//! The fields of a definition, once for what is given, what is stored, and what changes.

/// Calls `$callback` with the fields that every badge has and with those that it may have,
/// each `field: given type => stored type`, in the order of BDG-01 and BDG-21.
macro_rules! badge_fields {
    ($callback:ident) => {
        $callback! {
            required {
                name: $crate::values::BadgeName => String,
                category: $crate::values::BadgeCategory => String,
                description: $crate::values::BadgeDescription => String,
                icon: $crate::values::BadgeIcon => String,
                color: $crate::values::HexColor => String,
                points: u32 => u32,
                rarity: $crate::values::Rarity => $crate::values::Rarity,
            }
            optional {
                image: $crate::values::BadgeImage => String,
                criteria: $crate::badge::criteria::Criterion => $crate::badge::criteria::Criterion,
                tier: $crate::values::Tier => $crate::values::Tier,
                series: $crate::values::BadgeSeries => String,
                available_from: chrono::DateTime<chrono::Utc> => chrono::DateTime<chrono::Utc>,
                available_until: chrono::DateTime<chrono::Utc> => chrono::DateTime<chrono::Utc>,
            }
        }
    };
}
pub(super) use badge_fields;

use super::criteria::Criterion;
use crate::values::{
    BadgeCategory, BadgeDescription, BadgeIcon, BadgeImage, BadgeName, BadgeSeries, HexColor, Rarity, Tier,
};
use chrono::{DateTime, Utc};

/// How a given value is stored.
pub(super) trait Storable {
    type Stored;

    fn store(&self) -> Self::Stored;
}

macro_rules! storable_texts {
    ($($name:ty),* $(,)?) => {$(
        impl Storable for $name {
            type Stored = String;

            fn store(&self) -> String {
                self.as_str().to_owned()
            }
        }
    )*};
}

storable_texts!(BadgeName, BadgeCategory, BadgeDescription, BadgeIcon, HexColor, BadgeImage, BadgeSeries);

macro_rules! storable_as_they_are {
    ($($name:ty),* $(,)?) => {$(
        impl Storable for $name {
            type Stored = Self;

            fn store(&self) -> Self {
                self.clone()
            }
        }
    )*};
}

storable_as_they_are!(u32, Rarity, Tier, Criterion, DateTime<Utc>);
