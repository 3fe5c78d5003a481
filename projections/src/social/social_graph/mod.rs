//! `social_graph`: who follows, blocks and mutes whom, since when, and how many follow (SOC-01 to SOC-06).
//!
//! Events: all of Follow; of User, those by which people go and come back. Tables: `follows`, `follow_periods`,
//! `blocks`, `mutes`, `follow_counts`, `absences`.
//! Look next at [`query`] for what may be asked, at [`lists`] for lists and the counts that agree with them.

pub mod lists;
mod project;
pub mod query;
pub(crate) mod recount;
mod touched;

pub(crate) use project::SocialGraph;
