//! The ledger of a person: points, credits and money.

pub mod ledger;
