//! Earned badges are awarded.

pub mod handler;
pub mod reactor;
