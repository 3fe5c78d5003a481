//! Event → effect: reactors turn events into jobs, workers do them.
//!
//! A replay calls nobody: a reactor starts at the head of the log and its cursor moves with its jobs, in one commit.
//! A job is done at least once; what it sends can be recognised when it is repeated.
//! Nothing here decides business: what must become true is a command.
//!
//! Beside that, [`ingest`] records what other services publish, and [`schedules`] queues what is due by the clock.
//!
//! To add an effect: a reactor in [`reactors`], a handler in `handlers`, a line for each in [`Workers::start`].

mod account;
mod badges;
mod deeds;
mod engine;
mod notices;
mod social;
mod workers;

pub use deeds::ingest;
use engine::handlers;
pub use engine::{jobs, mail, reactors, schedules};

pub use account::erase_user::handler::{Disk, NotPurged};
pub use jobs::{Counts, JobId, Jobs, ParkedJob, Tuning};
pub use mail::{Backend, MailError, MailSettings, Mailer, Security, SmtpSettings};
pub use notices::send_email::reactor::SendEmail;
pub use workers::{Running, Workers, WorkersError, WorkersOptions};
