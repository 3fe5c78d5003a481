//! Relay and followers against real PostgreSQL and NATS servers: what is published, and what is read, whatever fails.

#![expect(clippy::unwrap_used, clippy::panic, reason = "helpers of tests fail like tests")]

mod following;
mod histories;
mod hostile;
mod latency;
mod outages;
mod relaying;
mod rig;
mod rivals;
