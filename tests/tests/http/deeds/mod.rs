//! What people do elsewhere.

pub mod telling;
