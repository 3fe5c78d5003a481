//! `skills`: one row per skill, as its person reads it (PFO-04). Of all events it reads those of skills, and erasures.
//! Table: `skills`.

mod project;
pub mod query;

pub(crate) use project::Skills;
