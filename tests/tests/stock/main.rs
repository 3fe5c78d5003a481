//! What the stock cqrs-es 0.5 and postgres-es 0.5 do, as it is: the reasons of `docs/adr/0002-our-own-write-path.md`.
//!
//! Each test asserts a defect or a constraint, so it passes while that exists. One that fails after an upgrade means
//! that a reason of the decision is gone.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

mod db;
mod tally;

mod conflicts;
mod envelopes;
mod replay;
mod round_trips;
mod sequences;
mod snapshots;
