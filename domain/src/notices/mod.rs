//! What a person was told, and has read.

pub mod inbox;
