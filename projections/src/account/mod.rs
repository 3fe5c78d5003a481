//! Accounts, their sessions and keys, and what became of those who left.

pub(crate) mod absence;
pub mod accounts;
pub mod api_keys;
pub mod erasures;
pub mod session_activity;
pub mod session_gate;
pub mod sessions;
