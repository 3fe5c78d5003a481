//! What replies show of it: one type per resource, the same wherever it appears.

mod deed;

pub use deed::{BatchView, DeedOutcomeView, DeedView};
