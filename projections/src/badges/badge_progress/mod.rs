//! Progress of people towards badges, and who is eligible (BDG-03 to BDG-08, BDG-15, BDG-23).
//!
//! Everything that the log says of a person and a criterion can ask about becomes a fact; facts are kept, and folded
//! into one tally per person. After a fact the badges that it can move are asked, and no others. Whoever meets an active
//! badge's criterion for the first time becomes a row of `badge_eligible`, which the reactor `award_badges` follows:
//! the award itself is a command. When it was earned, and by what, is told by folding the facts again.
//!
//! Scores look back over thirty days and go on when a day is closed, also where nothing happens; criteria do not: what is
//! earned is asked after facts alone.
//!
//! It reads registrations, roles, verified contacts, completed profiles, follows, active days, deeds and their reversals,
//! definitions of badges, days that are closed, and erasures. Tables: `badge_facts`, `badge_tallies`, `badge_criteria`, `badge_earned`,
//! `badge_eligible`, `badge_follows`, `badge_numbers`.

mod close;
pub mod evidence;
mod facts;
mod offers;
pub mod preview;
mod project;
pub mod query;
pub(crate) mod recount;
mod rows;
mod world;

pub(crate) use facts::matters;
pub(crate) use project::BadgeProgress;
pub use query::{Eligible, EligibleStretch};
