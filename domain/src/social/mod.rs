//! What stands between two people.

pub mod follow;
