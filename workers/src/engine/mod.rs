//! The parts of every side effect: job queue, mail, schedules, and the runner of reactors.

pub mod handlers;
pub mod jobs;
pub mod mail;
pub mod reactors;
pub mod schedules;
