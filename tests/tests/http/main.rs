//! The built program from the outside: over HTTP, at its command line, and with a plain NATS client.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that cannot be set up has failed"
)]

mod account;
mod audit;
mod badges;
mod client;
mod contract;
mod deeds;
mod notices;
mod operations;
mod people;
mod portfolio;
mod social;
mod wallet;
