//! Profile and settings endpoints, and the search for people.

pub mod locations;
pub mod person;
pub mod profile;
pub mod profiles;
pub mod settings;
pub mod views;
