//! What replies show: one type per resource, the same wherever it appears.

mod account;
mod audit;
mod message;
mod page;
mod person;
mod profile;
mod session;
mod social;
mod tokens;
mod user;

pub use account::{AccountView, status};
pub use audit::{AuditEntryView, EventView};
pub use message::MessageView;
pub use page::{PageQuery, PageView, numbered, refused, size};
pub use person::PersonView;
pub use profile::ProfileView;
pub use session::SessionView;
pub use social::{BlockView, FollowView, MuteView};
pub use tokens::TokensView;
pub use user::UserView;
