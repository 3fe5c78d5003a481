//! Use cases of notifications: marking as read.

pub(crate) mod read_notifications;
