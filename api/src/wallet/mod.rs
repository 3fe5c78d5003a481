//! Wallet endpoints: points, credits and money of a person.

pub mod ledger;
pub mod views;
