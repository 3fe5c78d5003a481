//! How every command is run: authority, decision, append, receipt.

pub mod authority;
pub(crate) mod caller;
pub(crate) mod decide;
pub(crate) mod error;
pub(crate) mod executor;
pub(crate) mod facts;
pub(crate) mod outcome;
pub(crate) mod owned;
pub(crate) mod quota;
pub(crate) mod unit;
