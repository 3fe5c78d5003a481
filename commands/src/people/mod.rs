//! Use cases of profiles and settings.

pub(crate) mod update_profile;
pub(crate) mod update_settings;
