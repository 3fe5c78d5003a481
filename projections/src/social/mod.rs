//! What stands between people.

pub mod social_graph;
