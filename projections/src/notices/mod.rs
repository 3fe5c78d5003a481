//! What people are told.

pub mod notifications;
