//! Why a deed is not recorded.

use super::MAX_DEEDS;
use crate::refusal::BusinessError;
use thiserror::Error;

#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ActivityError {
    #[error("at most {MAX_DEEDS} events can be recorded per day, and this day is full")]
    DayFull,
    #[error("nothing was recorded under this id")]
    DeedNotFound,
    #[error("another event was recorded under this id")]
    DeedDiffers,
    /// Never registered, leaving or erased: nobody learns which.
    #[error("this person was not found")]
    PersonNotFound,
    #[error("only a service with a suitable API key can record this event")]
    NotForClients,
    #[error("only services can send a time; leave it out")]
    TimeNotForClients,
    #[error("the time is in the future")]
    InFuture,
    #[error("the time is more than {days} days ago")]
    TooLate { days: i64 },
    #[error(
        "metadata must have at most 16 KiB, at most 32 levels, names of 1 to 64 characters, and no name ~p"
    )]
    MetadataUnfit,
}

impl BusinessError for ActivityError {
    fn code(&self) -> &'static str {
        match self {
            Self::DayFull => "activity-day-full",
            Self::DeedNotFound => "activity-not-found",
            Self::DeedDiffers => "activity-id-taken",
            Self::PersonNotFound => "person-not-found",
            Self::NotForClients => "activity-not-for-clients",
            Self::TimeNotForClients | Self::InFuture | Self::TooLate { .. } => "activity-time-invalid",
            Self::MetadataUnfit => "activity-metadata-invalid",
        }
    }

    fn field(&self) -> Option<&'static str> {
        match self {
            Self::DayFull => None,
            Self::DeedNotFound => Some("reverses"),
            Self::DeedDiffers => Some("id"),
            Self::PersonNotFound => Some("user"),
            Self::NotForClients => Some("event_type"),
            Self::TimeNotForClients | Self::InFuture | Self::TooLate { .. } => Some("occurred_at"),
            Self::MetadataUnfit => Some("metadata"),
        }
    }
}
