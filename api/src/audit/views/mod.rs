//! Views of events: one type per resource, the same in every reply.

mod audit;
mod user_event;

pub use audit::{AuditEntryView, EventView};
pub use user_event::UserEventView;
