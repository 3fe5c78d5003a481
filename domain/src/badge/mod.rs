//! Badges.

pub mod criteria;
