//! What is kept on record beside the events.

pub(crate) mod access_log;
