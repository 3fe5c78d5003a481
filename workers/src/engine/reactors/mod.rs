//! Event → job. A reactor says which events call for which work; the runner does the rest.
//!
//! A reactor has no effect of its own and opens nothing that is sealed.
//! To add one: `reactor.rs` in the area of what is done, a line in [`crate::Workers::start`], a handler beside it.

mod runner;

pub use runner::{ReactorError, Runner};

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
