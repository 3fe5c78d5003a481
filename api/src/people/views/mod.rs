//! Views of people: one type per resource, the same in every reply.

mod person;
mod profile;
mod settings;

pub use person::PersonView;
pub use profile::ProfileView;
pub use settings::{PreferencesView, SettingsView};
