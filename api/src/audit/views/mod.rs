//! What replies show of it: one type per resource, the same wherever it appears.

mod audit;
mod user_event;

pub use audit::{AuditEntryView, EventView};
pub use user_event::UserEventView;
