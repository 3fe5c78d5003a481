//! Use cases of ledgers: points, credits and money of a person.

mod adjust;
pub(crate) mod ledgers;
