//! What people do elsewhere.

pub mod activities;
pub mod told;
pub mod views;
