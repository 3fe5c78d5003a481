//! Why a command to a profile is refused.

use crate::refusal::BusinessError;
use thiserror::Error;

#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ProfileError {
    #[error("there is no such profile")]
    NotCreated,
    #[error("a date of birth does not lie in the future")]
    BornInFuture,
    #[error("a date of birth is not before 1900")]
    BornTooEarly,
    #[error("no city of this name is listed in that country; say city_unlisted if there is one")]
    CityUnknown,
    #[error("a showcase has room for 6 badges")]
    ShowcaseFull,
    #[error("the showcase changed in the meantime; try again")]
    ShowcaseChanged,
}

impl BusinessError for ProfileError {
    fn code(&self) -> &'static str {
        match self {
            Self::NotCreated => "profile-not-found",
            Self::BornInFuture | Self::BornTooEarly => "date-of-birth-invalid",
            Self::CityUnknown => "city-unknown",
            Self::ShowcaseFull => "showcase-full",
            Self::ShowcaseChanged => "showcase-changed",
        }
    }

    fn field(&self) -> Option<&'static str> {
        match self {
            Self::NotCreated | Self::ShowcaseChanged => None,
            Self::BornInFuture | Self::BornTooEarly => Some("date_of_birth"),
            Self::CityUnknown => Some("city"),
            Self::ShowcaseFull => Some("is_featured"),
        }
    }
}
