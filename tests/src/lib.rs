//! What the suites share: real servers once per test program, a database and a bus of its own for each test.
//!
//! A suite is one binary, a folder of `tests/`; that of HTTP has a folder for each area.

pub mod dice;
pub mod lab;
pub mod program;
pub mod python;
pub mod samples;

pub use lab::{Db, Lab};
