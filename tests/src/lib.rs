//! The shared parts of the test suites: real servers per test program, and a database and a bus per test.
//!
//! A suite is one binary and one folder of `tests/`; the HTTP suite has one folder per area.

pub mod dice;
pub mod lab;
pub mod program;
pub mod python;
pub mod samples;

pub use lab::{Db, Lab};
