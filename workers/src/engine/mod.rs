//! What every effect is made of: jobs and their queue, mail, schedules, and the runner of reactors.

pub mod handlers;
pub mod jobs;
pub mod mail;
pub mod reactors;
pub mod schedules;
