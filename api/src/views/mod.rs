//! What replies show: one type per resource, the same wherever it appears.

mod account;
mod admin_user;
mod api_key;
mod audit;
mod badge;
mod badge_board;
mod badge_progress;
mod deed;
mod erasure;
mod message;
mod notification;
mod page;
mod person;
mod profile;
mod session;
mod settings;
mod social;
mod tokens;
mod user;
mod user_event;
mod wallet;

pub use account::{AccountView, status};
pub use admin_user::AdminUserView;
pub use api_key::{
    ApiKeyView, NewApiKeyView, NewServiceKeyView, OwnKeyView, ServiceKeyView, row as api_key_row,
};
pub use audit::{AuditEntryView, EventView};
pub use badge::{BadgeCardView, BadgeView, UserBadgeView};
pub use badge_board::{BadgeAnalyticsView, LeaderboardView};
pub use badge_progress::{
    BadgeProgressView, EligibleBadgeView, EvidenceView, PreviewProgressView, PreviewView,
};
pub use deed::{BatchView, DeedOutcomeView, DeedView};
pub use erasure::{DeletionView, ErasureView};
pub use message::MessageView;
pub use notification::{NotificationView, NotificationsView, UnreadView};
pub use page::{PageQuery, PageView, link, not_a_cursor, numbered, paging, refused, size};
pub use person::PersonView;
pub use profile::ProfileView;
pub use session::SessionView;
pub use settings::{PreferencesView, SettingsView};
pub use social::{BlockView, FollowView, MuteView};
pub use tokens::{PasswordChangedView, TokensView};
pub use user::UserView;
pub use user_event::UserEventView;
pub use wallet::{WalletEntryView, WalletView};
