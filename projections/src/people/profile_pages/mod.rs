//! `profile_pages`: one row per profile, with what its page shows of the account (PRO-03, PRO-04, PRO-07).
//!
//! Events: all of Profile and of User. Tables: `profile_pages`, `profile_names` and `profile_bios` for searches.

mod project;
pub mod query;
mod words;

pub(crate) use project::ProfilePages;
pub use words::SearchText;
