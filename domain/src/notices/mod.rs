//! The inbox of a person: which notifications are read.

pub mod inbox;
