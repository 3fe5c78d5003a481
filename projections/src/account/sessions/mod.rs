//! `sessions`: one row per login session, and the session epoch of each account that ever raised it.
//!
//! Events: all of Session; of User, the invalidation. Tables: `sessions`, `session_epochs`.

mod project;
pub mod query;

pub(crate) use project::Sessions;
