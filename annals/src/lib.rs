//! The program: command line, configuration, embedded servers, and the roles of a process.
//!
//! This is the composition root: the only crate that builds the parts of all others and connects them.
//!
//! - [`config`]: the table of all settings.
//! - [`embedded`]: private PostgreSQL and NATS servers.
//! - [`core`]: the services that all roles share.
//! - [`node`]: starts and stops the roles of one process.
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
