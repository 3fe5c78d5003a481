//! Points and money of a person.

mod adjust;
pub(crate) mod ledgers;
