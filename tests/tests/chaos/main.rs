//! Everything is killed, paused and wiped while clients keep commanding; afterwards the history must be right.
//!
//! `ANNALS_PROOF_SECONDS` is how long the torment lasts (45), `ANNALS_SEED` repeats its choices.

#![cfg(test)]

use annals_tests::dice;

mod checks;
mod history;
mod ledger;
mod listener;
mod local_writers;
mod paused;
mod registrations;
mod remote_writers;
mod tormentor;
mod world;
