//! `erasures`: one row per account whose deletion was ever asked for, and its certificate (C-39). Ids and times only.
//!
//! Events: of User, what is about its deletion. Table: `erasures`.

mod project;
pub mod query;

pub(crate) use project::Erasures;
