//! Settings as their owner reads them, one row per person who ever changed one (SET-01, SET-02).
//!
//! Of all events it reads `settings_updated` only. Table: `user_settings`.

mod project;
pub mod query;

pub(crate) use project::UserSettings;
