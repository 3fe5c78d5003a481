//! Everything is killed, paused and wiped while clients keep commanding; afterwards the history must be right.
//!
//! `ANNALS_PROOF_SECONDS` is how long the torment lasts (45), `ANNALS_SEED` repeats its choices.

#![cfg(test)]

use annals_tests::dice;

#[path = "../chaos/checks.rs"]
mod checks;
#[path = "../chaos/history.rs"]
mod history;
#[path = "../chaos/ledger.rs"]
mod ledger;
#[path = "../chaos/listener.rs"]
mod listener;
#[path = "../chaos/local_writers.rs"]
mod local_writers;
#[path = "../chaos/paused.rs"]
mod paused;
#[path = "../chaos/registrations.rs"]
mod registrations;
#[path = "../chaos/remote_writers.rs"]
mod remote_writers;
#[path = "../chaos/tormentor.rs"]
mod tormentor;
#[path = "../chaos/world.rs"]
mod world;
