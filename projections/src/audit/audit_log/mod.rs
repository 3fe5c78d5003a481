//! `audit_log`: one row per event of the log, with what it changed and what stood there before (AUD-01, AUD-02).
//!
//! Events: all. Tables: `audit_log`, `audit_state` (what the fields of each entity hold).
//! Personal values stay sealed in both and are opened for each reader: an erased person is gone from here too.

mod category;
mod filter;
mod flat;
mod project;
pub mod query;
pub mod trail;

pub use category::Category;
pub use filter::AuditFilter;
pub(crate) use project::AuditLog;
