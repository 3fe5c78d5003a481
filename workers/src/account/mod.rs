//! Jobs of accounts: erasure, expired registrations, expired sessions.

pub mod cleanup_expired_sessions;
pub mod erase_user;
pub mod expire_registrations;
