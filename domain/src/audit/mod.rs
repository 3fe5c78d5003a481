//! Access records: who saw whose personal data, and which requests were rejected.

pub mod access_log;
