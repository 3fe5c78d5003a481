//! What is kept on record beside the events.

mod access_log;

pub use access_log::AccessLogs;
