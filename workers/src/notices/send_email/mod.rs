//! Letters are sent.

pub mod badge_letter;
pub mod handler;
pub mod reactor;
pub mod service_keys;
