//! Why a day is not closed.

use crate::refusal::BusinessError;
use thiserror::Error;

#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum CalendarError {
    #[error("the day is not over")]
    NotOver,
}

impl BusinessError for CalendarError {
    fn code(&self) -> &'static str {
        match self {
            Self::NotOver => "day-not-over",
        }
    }
}
