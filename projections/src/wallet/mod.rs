//! Read model of wallets.

pub mod wallets;
