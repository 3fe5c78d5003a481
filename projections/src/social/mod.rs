//! Read model of follows, blocks and mutes.

pub mod social_graph;
