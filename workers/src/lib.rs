//! Side effects: reactors turn events into jobs, workers run the jobs.
//!
//! A replay has no effect: a reactor starts at the end of the log, and its cursor and its jobs are committed together.
//! A job runs at least once; its effect must be recognizable when it is repeated.
//! Nothing here decides business rules: a change of state is a command.
//!
//! [`ingest`] records the activity that other services publish; [`schedules`] starts jobs by the clock.
//!
//! To add an effect: `reactor.rs` and `handler.rs` in a folder of their area, and a line for each in [`Workers::start`].

mod account;
mod badges;
mod deeds;
mod engine;
mod notices;
mod social;
mod workers;

pub use deeds::ingest;
pub use engine::{jobs, mail, reactors, schedules};

pub use account::erase_user::handler::{Disk, NotPurged};
pub use jobs::{Counts, JobId, Jobs, ParkedJob, Tuning};
pub use mail::{Backend, MailError, MailSettings, Mailer, Security, SmtpSettings};
pub use notices::send_email::reactor::SendEmail;
pub use workers::{Running, Workers, WorkersError, WorkersOptions};
