//! Why a command to a profile is refused.

use crate::refusal::BusinessError;
use thiserror::Error;

#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ProfileError {
    #[error("this profile was not found")]
    NotCreated,
    #[error("a date of birth must not be in the future")]
    BornInFuture,
    #[error("a date of birth must not be before 1900")]
    BornTooEarly,
    #[error(
        "the list of that country has no city of this name; if the city exists, send city_unlisted: true"
    )]
    CityUnknown,
    #[error("at most 6 badges can be featured")]
    ShowcaseFull,
    #[error("the featured badges were changed at the same time; try again")]
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
