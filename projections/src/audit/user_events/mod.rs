//! Events of each person, in the words that clients know (EVT-01).
//!
//! One row per event that says something to its person; the log has more. Table: `user_events`.
//! Rows hold ids and words only, so that nothing has to be opened, sealed or purged.

mod classify;
mod project;
pub mod query;
mod word;

pub use classify::{EarnedBadge, Told, told};
pub(crate) use project::UserEvents;
pub use word::{EventWord, Severity};
