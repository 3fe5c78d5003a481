//! `accounts`: one row per account: who it is, how it is reached, what it may do.
//!
//! Events: all of User; of Session, the start (last login). Table: `accounts`.

mod project;
pub mod query;

pub(crate) use project::Accounts;
