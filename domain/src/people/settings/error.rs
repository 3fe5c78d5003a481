//! Why a change of settings is refused. All of it is about what a client keeps in `preferences.extra`.

use super::{MAX_EXTRA_BYTES, MAX_EXTRA_DEPTH};
use crate::refusal::BusinessError;
use thiserror::Error;

#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum SettingsError {
    #[error("client preferences must have at most {MAX_EXTRA_BYTES} bytes as JSON")]
    ExtraTooLarge,
    #[error("client preferences must be nested at most {MAX_EXTRA_DEPTH} levels deep")]
    ExtraTooDeep,
    #[error("the name of a preference must have 1 to 64 characters and no control characters")]
    ExtraName,
    #[error("no field of a preference can be named ~p")]
    ExtraReserved,
}

impl BusinessError for SettingsError {
    fn code(&self) -> &'static str {
        match self {
            Self::ExtraTooLarge | Self::ExtraTooDeep => "preferences-too-large",
            Self::ExtraName | Self::ExtraReserved => "preferences-invalid",
        }
    }

    fn field(&self) -> Option<&'static str> {
        Some("preferences/extra")
    }
}
