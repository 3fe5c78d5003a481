//! What people show of their work.

mod skills;
