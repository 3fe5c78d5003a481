//! The history: for staff, for its person, and as it happens.

pub mod event_stream;
pub mod events;
pub mod history;
pub mod views;
pub mod witness;
