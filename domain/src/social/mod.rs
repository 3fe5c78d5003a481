//! Follows, blocks and mutes between two people.

pub mod follow;
