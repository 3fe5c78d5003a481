//! What people have.

pub mod wallets;
