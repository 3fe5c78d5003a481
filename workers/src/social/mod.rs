//! Jobs of follows: accepting pending requests, recounting followers.

pub mod accept_follows;
pub mod update_user_counters;
