//! Why a command to a badge is refused.

use crate::{refusal::BusinessError, values::Rarity};
use thiserror::Error;

#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum BadgeError {
    #[error("this badge was not found")]
    NotDefined,
    #[error("a badge of rarity {0} must have {least} to {most} points", least = .0.points().start(), most = .0.points().end())]
    PointsOutOfBand(Rarity),
    #[error("available_from must be before available_until")]
    AvailabilityReversed,
    #[error("this badge is not active")]
    NotActive,
    #[error("this badge was not available at that time")]
    NotAvailable,
}

impl BusinessError for BadgeError {
    fn code(&self) -> &'static str {
        match self {
            Self::NotDefined => "badge-not-found",
            Self::PointsOutOfBand(_) => "points-out-of-band",
            Self::AvailabilityReversed => "availability-invalid",
            Self::NotActive => "badge-not-active",
            Self::NotAvailable => "badge-not-available",
        }
    }

    fn field(&self) -> Option<&'static str> {
        match self {
            Self::PointsOutOfBand(_) => Some("points"),
            Self::AvailabilityReversed => Some("available_until"),
            Self::NotDefined | Self::NotActive | Self::NotAvailable => None,
        }
    }
}
