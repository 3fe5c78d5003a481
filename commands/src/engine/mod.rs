//! How every command is run: who may, on what it is decided, how it is appended, what is told.

pub mod authority;
pub(crate) mod caller;
pub(crate) mod decide;
pub(crate) mod error;
pub(crate) mod executor;
pub(crate) mod facts;
pub(crate) mod outcome;
pub(crate) mod quota;
pub(crate) mod unit;
