//! The event log against a real PostgreSQL: what one append decides, under races and lost connections.

#![expect(clippy::unwrap_used, clippy::panic, reason = "helpers of tests fail like tests")]

#[path = "../store/append.rs"]
mod append;
#[path = "../store/claims.rs"]
mod claims;
#[path = "../store/guards.rs"]
mod guards;
#[path = "../store/idempotency.rs"]
mod idempotency;
#[path = "../store/leases.rs"]
mod leases;
#[path = "../store/ledgers.rs"]
mod ledgers;
#[path = "../store/personal.rs"]
mod personal;
#[path = "../store/races.rs"]
mod races;
#[path = "../store/rewrites.rs"]
mod rewrites;
#[path = "../store/roles.rs"]
mod roles;
#[path = "../store/rotation.rs"]
mod rotation;
#[path = "../store/sign_ins.rs"]
mod sign_ins;
