//! A badge that was made or changed is awarded to whoever has earned it already.

pub mod handler;
pub mod reactor;
