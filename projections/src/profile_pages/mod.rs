//! `profile_pages`: one row per profile, with what its page shows of the account (PRO-03, PRO-04, PRO-07).
//!
//! Events: all of Profile and of User. Table: `profile_pages`.

mod project;
pub mod query;

pub(crate) use project::ProfilePages;
