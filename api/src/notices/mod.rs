//! Notification endpoints.

pub mod notifications;
pub mod views;
