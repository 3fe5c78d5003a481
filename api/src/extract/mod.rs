//! What handlers take from a request. Every refusal is a [`crate::problem::Problem`].

mod checks;
mod depth;
mod json;
mod path;
mod query;
mod writable;

pub use checks::Checks;
pub use json::{ApiJson, OptionalJson, parse, typed};
pub use path::{PathId, PathText};
pub use query::ApiQuery;
pub use writable::Writable;
