//! `badges`: what there is to be had, who has it, and which of it people show first (BDG-01, BDG-02, BDG-20).
//!
//! Events: all of Badge and Award, the choice of featured badges; of User, those by which people go and come back, and
//! erasures, which take a person's awards away.
//! Tables: `badges`, `user_badges`, `holder_absences`, `badge_totals`, `showcases`.
//! Look next at [`query`] for single badges and lists, at [`standings`] for all of them together.

pub mod badge_progress;
mod definition;
mod project;
pub mod query;
pub(crate) mod recount;
pub mod standings;
mod touched;

pub(crate) use project::Badges;
