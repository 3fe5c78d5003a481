//! What people say of themselves, and how they like the program to be.

pub mod locations;
pub mod person;
pub mod profile;
pub mod profiles;
pub mod settings;
pub mod views;
