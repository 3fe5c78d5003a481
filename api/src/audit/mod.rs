//! Event endpoints: the events of a person, the event stream, the audit log.

pub mod event_stream;
pub mod events;
pub mod history;
pub mod views;
pub mod witness;
