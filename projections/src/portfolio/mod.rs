//! What people show of their work.

pub mod skills;
