//! One file per family of claims; `tally` is the aggregate, `db` the database that they share.

mod db;
mod tally;

mod conflicts;
mod envelopes;
mod replay;
mod round_trips;
mod sequences;
mod snapshots;
