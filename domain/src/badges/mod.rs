//! Badges, and who is awarded them.

pub mod award;
pub mod badge;
