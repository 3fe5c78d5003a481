//! Why a deed is not recorded.

use super::MAX_DEEDS;
use crate::refusal::BusinessError;
use thiserror::Error;

#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ActivityError {
    #[error("a day holds {MAX_DEEDS} deeds, and this one is full")]
    DayFull,
    #[error("nothing was recorded under this id")]
    DeedNotFound,
    #[error("something else was recorded under this id")]
    DeedDiffers,
    /// Never registered, leaving or erased: nobody learns which.
    #[error("there is no such person")]
    PersonNotFound,
    #[error("only a service with a key for it may say this of people")]
    NotForClients,
    #[error("people say what they do when they do it: leave the time out")]
    TimeNotForClients,
    #[error("this has not happened yet")]
    InFuture,
    #[error("this happened more than {days} days ago, and is told no more")]
    TooLate { days: i64 },
    #[error(
        "metadata has at most 16 KiB, nested at most 32 deep, names of 1 to 64 characters, and none that is ~p"
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
