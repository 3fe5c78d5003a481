//! `wallets`: what each person has on each account, and the statement of how it came to be (WAL-01, WAL-02).
//!
//! It decides nothing: the ledger does. Of all events it reads those of ledgers, and erasures.
//! Tables: `wallets`, `wallet_entries`.

mod project;
pub mod query;

pub(crate) use project::Wallets;
