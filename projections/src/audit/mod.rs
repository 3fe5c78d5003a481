//! The history: for staff, for its person, and as it happens.

pub mod audit_log;
pub mod live;
pub mod user_events;
