//! Follow, block and mute endpoints.

pub mod blocks;
pub mod follow_lists;
pub mod follows;
pub mod mutes;
pub mod views;
