//! What replies show of it: one type per resource, the same wherever it appears.

mod notification;

pub use notification::{NotificationView, NotificationsView, UnreadView};
