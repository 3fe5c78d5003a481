//! Use cases of activity: what people do, and the days on which they were active.

pub(crate) mod active_days;
pub(crate) mod activities;
