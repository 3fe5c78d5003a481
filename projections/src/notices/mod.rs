//! Read model of notifications.

pub mod notifications;
