//! What replies show: one type per resource, the same wherever it appears.

mod account;
mod audit;
mod message;
mod page;
mod profile;
mod session;
mod settings;
mod social;
mod tokens;
mod user_event;

pub use account::{AccountView, status};
pub use audit::{AuditEntryView, EventView};
pub use message::MessageView;
pub use page::{PageQuery, PageView, numbered, refused, size};
pub use profile::ProfileView;
pub use session::SessionView;
pub use settings::{PreferencesView, SettingsView};
pub use social::{BlockView, FollowView, MuteView};
pub use tokens::TokensView;
pub use user_event::UserEventView;
