//! Job → effect: one file per kind of job.
//!
//! A handler decides anew whether its effect is still wanted, at the moment of doing it.

mod accept_follows;
mod send_email;

pub use accept_follows::{AcceptFollows, PendingFollows, PendingUnknown};
pub use send_email::SendEmail;
