//! Profiles and settings.

pub mod profile;
pub mod settings;
