//! Badge criteria, and their evaluation for a person (BDG-04 to BDG-09, BDG-13).
//!
//! A [`Criterion`] is read from the JSON that its author wrote ([`Criterion::parse`]; the published form of it is
//! [`SCHEMA`]). A person is known by [`Fact`]s, each of which says what one event of the log says of them; a [`Tally`]
//! is their fold, and the only thing that a criterion looks at.
//!
//! **When it is asked.** After each fact that can move it ([`Criterion::moved_by`]), and then only: nothing is earned
//! by doing nothing, so that `posts_count <= 5` is asked at a person's first post, and not before.
//! The badge is earned at the first fact after which the criterion holds, on the date of the latest fact that made it
//! so. What comes later (a reversal, days on which
//! nothing happens) does not take it back.
//!
//! **Order.** Facts come in the order of the log. Their days need not: a service may report late.
//! What is taken back is subtracted on the day of the deed, whenever that is known.
//!
//! **Days** are the person's own local days. [`Tally::as_of`] is the latest day of all facts so far.
//! A window of N days is the N days that end with it, so that `1d` is that day alone.
//! A streak is N days on end, each with a deed of the action that counts; a late fact may join two runs.
//! Days are told apart for as long as [`KEPT_DAYS`]; what is reported of an earlier one only adds to totals (and to
//! counts by quality), or subtracts from them: it is in no window, and neither makes nor joins a streak.
//!
//! **Quality.** A threshold counts the deeds whose quality reaches it; a deed without one reaches none.
//!
//! **To add a field or an action**: its word in [`Field`] or [`Action`], what it is in [`Tally::value`], what made it so
//! in `evidence.rs`, the schema, and the slow reading of the tests. The words are in stored events: a node that does not
//! know one cannot read them, so that a release reads a new word before the next one offers it.
//!
//! **Numbers** are whole. What was never told is 0, but for `registration_ordinal`, which compares to nothing until
//! the registration was seen. Scores are rounded down.

mod days;
mod evidence;
mod fact;
mod field;
#[cfg(test)]
mod golden_tests;
mod index;
#[cfg(test)]
mod naive_tests;
mod parse;
mod progress;
mod reader;
mod rule;
#[cfg(test)]
mod schema_tests;
#[cfg(test)]
mod slow;
mod tally;
mod words;
#[cfg(test)]
mod zone_tests;

pub use days::KEPT_DAYS;
pub use evidence::{Earned, MAX_EVIDENCE};
pub use fact::{Fact, FactKind, Trigger};
pub use field::Field;
pub use index::Index;
pub use progress::{Part, Progress};
pub use reader::Fault;
pub use rule::{Criterion, Limits, Requirement, Rule};
pub use tally::{MAX_OBJECTS, Tally};
pub use words::{Action, Logic, Operator, Quality, Timeframe};

/// The published form of a criterion: JSON Schema 2020-12. It accepts what [`Criterion::parse`] accepts.
pub const SCHEMA: &str = include_str!("schema.json");
