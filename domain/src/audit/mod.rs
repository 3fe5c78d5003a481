//! What is kept on record beside the events.

pub mod access_log;
