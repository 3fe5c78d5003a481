//! Read models of accounts, sessions, API keys and erasures.

pub(crate) mod absence;
pub mod accounts;
pub mod api_keys;
pub mod erasures;
pub mod session_activity;
pub mod session_gate;
pub mod sessions;
