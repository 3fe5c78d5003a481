//! Event → job. A reactor says which events call for which work; the runner does the rest.
//!
//! A reactor has no effect of its own and opens nothing that is sealed.
//! To add one: a file here, a line in [`crate::Workers::start`], a handler for its kind of job.

mod accept_follows;
mod award_badges;
mod erase_user;
mod evaluate_badges;
mod runner;
mod send_email;

pub use accept_follows::AcceptFollows;
pub(crate) use accept_follows::{KIND as ACCEPT_FOLLOWS, Opened};
pub(crate) use award_badges::{AwardBadges, Due, KIND as AWARD_BADGE};
pub use erase_user::EraseUser;
pub(crate) use erase_user::{Asked, KIND as ERASE_USER};
pub use evaluate_badges::EvaluateBadges;
pub(crate) use evaluate_badges::{Changed, KIND as EVALUATE_BADGE};
pub use runner::{ReactorError, Runner};
pub use send_email::SendEmail;
pub(crate) use send_email::{KIND as SEND_EMAIL, Letter};

use crate::jobs::NewJob;
use domain::AnyEvent;
use store::Recorded;

/// What is to be done about events. Pure: the same event always gives the same jobs.
pub trait Reactor: Send + Sync + 'static {
    /// Snake case, a verb phrase, stable: the cursor and the ids of jobs depend on it.
    const NAME: &'static str;

    /// The jobs that this event calls for. `event` is decoded but not opened: personal values are sealed.
    fn jobs(&self, event: &AnyEvent, recorded: &Recorded) -> Vec<NewJob>;
}
