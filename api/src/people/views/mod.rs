//! What replies show of it: one type per resource, the same wherever it appears.

mod person;
mod profile;
mod settings;

pub use person::PersonView;
pub use profile::ProfileView;
pub use settings::{PreferencesView, SettingsView};
