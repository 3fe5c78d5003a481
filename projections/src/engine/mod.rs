//! The parts of every read model: batches, tables, cursors, pages, and the runner that applies events.

pub(crate) mod batch;
pub(crate) mod columns;
pub(crate) mod cursors;
pub(crate) mod envelope;
pub(crate) mod gathered;
pub(crate) mod job_queries;
pub mod owned;
pub mod page;
pub mod paging;
pub(crate) mod projection;
pub mod queries;
pub mod rebuild;
pub mod registry;
pub(crate) mod rows;
pub mod runner;
pub(crate) mod schema;
pub mod watcher;
