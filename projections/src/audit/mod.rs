//! Read models of events: the audit log, the events of a person, the live feed.

pub mod audit_log;
pub mod live;
pub mod user_events;
