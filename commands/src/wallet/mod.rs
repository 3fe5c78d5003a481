//! Use cases of ledgers: points, credits and money of a person.

pub(crate) mod adjust_ledger;
pub(crate) mod ledgers;
