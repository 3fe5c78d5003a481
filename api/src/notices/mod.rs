//! What a person is told.

pub mod notifications;
pub mod views;
