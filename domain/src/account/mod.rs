//! Identity and login: accounts, sessions, codes, API keys, sign-ins.

pub mod api_key;
pub mod challenge;
pub mod session;
pub mod sign_in;
pub mod user;
