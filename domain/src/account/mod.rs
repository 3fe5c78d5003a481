//! Who somebody is and how they come in: the account itself, its sessions, codes, keys and log-ins.

pub mod api_key;
pub mod challenge;
pub mod session;
pub mod sign_in;
pub mod user;
