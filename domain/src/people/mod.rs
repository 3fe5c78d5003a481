//! What people say of themselves, and how they like the program to be.

pub mod profile;
pub mod settings;
