//! The event log against a real PostgreSQL: what one append decides, under races and lost connections.

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
#[path = "../store/personal.rs"]
mod personal;
#[path = "../store/races.rs"]
mod races;
