//! The history, and as it happens.

pub mod event_stream;
pub mod events;
pub mod service_readers;
pub mod witness;
