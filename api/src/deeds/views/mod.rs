//! Views of activity: one type per resource, the same in every reply.

mod deed;

pub use deed::{BatchView, DeedOutcomeView, DeedView};
