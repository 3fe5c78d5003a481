//! Why a change of settings is refused. All of it is about what a client keeps in `preferences.extra`.

use super::{MAX_EXTRA_BYTES, MAX_EXTRA_DEPTH};
use crate::refusal::BusinessError;
use thiserror::Error;

#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum SettingsError {
    #[error("preferences of clients have at most {MAX_EXTRA_BYTES} bytes as JSON")]
    ExtraTooLarge,
    #[error("preferences of clients are nested at most {MAX_EXTRA_DEPTH} deep")]
    ExtraTooDeep,
    #[error("the name of a preference has 1 to 64 characters, none of them a control character")]
    ExtraName,
    #[error("no member of a preference is named ~p")]
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
