//! Accounts come to their ends.

pub mod cleanup_expired_sessions;
pub mod erase_user;
pub mod expire_registrations;
