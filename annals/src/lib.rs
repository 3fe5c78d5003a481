//! The program: command line, roles, configuration, embedded servers. The only place where things are put together.
//!
//! - [`config`]: every setting, once.
//! - [`embedded`]: PostgreSQL and NATS of one's own.
//! - [`core`]: what they share.
//! - [`node`]: the roles of one process, started and stopped.
//! - [`cli`]: the subcommands.

mod catalogue;
pub mod cli;
pub mod config;
pub mod core;
pub mod data_dir;
pub mod disk;
pub mod embedded;
pub mod forgetting;
mod housekeeping;
pub mod ingest;
mod instance;
pub mod limits;
mod log_lines;
pub mod node;
mod readiness;
pub mod schedules;
mod servers;
mod signing_keys;
mod telemetry;
