//! Views of follows, blocks and mutes: one type per resource, the same in every reply.

mod social;

pub use social::{BlockView, FollowView, MuteView};
