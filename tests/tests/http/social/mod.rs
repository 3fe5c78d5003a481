//! Follows, blocks and mutes.

pub mod follows;
pub mod graph;
pub mod graph_model;
pub mod social_lists;
