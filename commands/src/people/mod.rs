//! What people say of themselves, and how they like the program to be.

pub(crate) mod update_profile;
pub(crate) mod update_settings;
