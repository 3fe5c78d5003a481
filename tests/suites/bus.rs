//! Relay and followers against real PostgreSQL and NATS servers: what is published, and what is read, whatever fails.

#![expect(clippy::unwrap_used, clippy::panic, reason = "helpers of tests fail like tests")]

#[path = "../bus/following.rs"]
mod following;
#[path = "../bus/histories.rs"]
mod histories;
#[path = "../bus/hostile.rs"]
mod hostile;
#[path = "../bus/latency.rs"]
mod latency;
#[path = "../bus/outages.rs"]
mod outages;
#[path = "../bus/relaying.rs"]
mod relaying;
#[path = "../bus/rig.rs"]
mod rig;
#[path = "../bus/rivals.rs"]
mod rivals;
