//! What replies show of it: one type per resource, the same wherever it appears.

mod social;

pub use social::{BlockView, FollowView, MuteView};
