//! What was earned is awarded.

pub mod handler;
pub mod reactor;
