//! Requests to follow are accepted where a profile accepts them all.

pub mod handler;
pub mod reactor;
