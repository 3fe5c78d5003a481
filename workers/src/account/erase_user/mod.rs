//! An erasure that was asked for is done.

pub mod handler;
pub mod reactor;
