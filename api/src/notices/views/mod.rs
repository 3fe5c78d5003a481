//! Views of notifications: one type per resource, the same in every reply.

mod notification;

pub use notification::{NotificationView, NotificationsView, UnreadView};
