//! Badge definitions, their criteria, and awards.

pub mod award;
pub mod badge;
