//! The event log against a real PostgreSQL: what one append decides, under races and lost connections.

#![expect(clippy::unwrap_used, clippy::panic, reason = "helpers of tests fail like tests")]

mod append;
mod claims;
mod guards;
mod idempotency;
mod leases;
mod ledgers;
mod personal;
mod races;
mod rewrites;
mod roles;
mod rotation;
mod sign_ins;
