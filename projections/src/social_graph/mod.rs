//! `social_graph`: who follows, blocks and mutes whom, since when, and how many follow (SOC-01 to SOC-06).
//!
//! Events: all of Follow. Tables: `follows`, `follow_periods`, `blocks`, `mutes`, `follow_counts`.
//! Look next at [`query`] for what may be asked.

mod project;
pub mod query;
pub(crate) mod recount;
mod touched;

pub(crate) use project::SocialGraph;
