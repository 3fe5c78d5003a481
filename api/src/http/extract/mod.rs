//! Extractors of handlers. Every rejection is a [`crate::problem::Problem`].

mod checks;
pub(crate) mod depth;
mod json;
mod path;
mod patient;
mod query;
mod strict;
mod words;
mod writable;

pub(crate) use strict::repeats;

pub use checks::Checks;
pub use json::{ApiForm, ApiJson, Form, OptionalJson, RawJson, judged, parse, typed};
pub use path::{PathId, PathText};
pub use query::ApiQuery;
pub use words::DATE;
pub use writable::Writable;
