//! What people say of themselves, and who sees it.

pub mod finding;
pub mod locations;
pub mod privacy;
pub mod settings;
pub mod shown;
