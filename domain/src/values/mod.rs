//! Values that are valid by construction: `parse` is the only way to create one, and its error says what is expected.
//!
//! Personal values are hidden in debug output, which may reach a log.

mod api_key;
mod badge;
mod contact;
mod device;
mod error;
mod fold;
mod ledger;
mod media;
pub mod places;
mod profile;
mod role;
mod settings;
mod skill;
mod social;
mod standing;
mod username;
mod visible;

pub use api_key::{ApiKeyName, Scope, ServiceName, UnknownScope};
pub use badge::{
    AwardNote, BadgeCategory, BadgeDescription, BadgeIcon, BadgeImage, BadgeName, BadgeSeries, BadgeSlug,
    HexColor, Rarity, RevocationReason, Tier,
};
pub use contact::{Email, PhoneNumber};
pub use device::DeviceFingerprint;
pub use error::ValueError;
pub use fold::{folded, is_unspaced};
pub use ledger::{Account, AdjustmentReason, Amount, MAX_AMOUNT, SignedAmount};
pub use media::MediaType;
pub use profile::{Bio, City, CountryCode, FullName, JobTitle, PostalAddress, Skills, WebUrl};
pub use role::Role;
pub use rust_decimal::Decimal;
pub use settings::{LanguageTag, NotificationFrequency, ProfileVisibility, Theme, TimeZone};
pub use skill::{SkillCategory, SkillName};
pub use social::{BlockReason, DeedDescription, FollowPolicy, FollowStatus, SenderName};
pub use standing::{AccountStatus, SuspensionReason};
pub use username::{RESERVED, Username};

pub(crate) use badge::fold_badge_name;
pub(crate) use contact::fold as fold_email;
pub(crate) use username::fold as fold_username;

/// A newtype over a validated string: read access, a debug form that hides the content, and how fields store it;
/// `else` is what a field means that was never set.
macro_rules! text_value {
    ($($name:ident $(else $absent:expr)?),* $(,)?) => {$(
        impl $name {
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(f, concat!(stringify!($name), "({} bytes)"), self.0.len())
            }
        }

        impl $crate::fields::Text for $name {
            $(const ABSENT: Option<&'static str> = Some($absent);)?

            fn text(&self) -> &str {
                &self.0
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::values::ValueError;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Self::parse(text)
            }
        }
    )*};
}
use text_value;
