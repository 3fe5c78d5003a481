//! What stands between two people.

pub mod blocks;
pub mod follow_lists;
pub mod follows;
pub mod mutes;
pub mod views;
