//! Views of accounts: one type per resource, the same in every reply.

mod account;
mod admin_user;
mod api_key;
mod erasure;
mod session;
mod tokens;
mod user;

pub use account::{AccountView, status};
pub use admin_user::AdminUserView;
pub use api_key::{
    ApiKeyView, NewApiKeyView, NewServiceKeyView, OwnKeyView, ServiceKeyView, row as api_key_row,
};
pub use erasure::{DeletionView, ErasureView};
pub use session::SessionView;
pub use tokens::{PasswordChangedView, TokensView};
pub use user::UserView;
