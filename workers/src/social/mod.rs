//! What follows from what stands between people.

pub mod accept_follows;
pub mod update_user_counters;
