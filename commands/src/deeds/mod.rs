//! What people do elsewhere, and on which days they were there.

pub(crate) mod active_days;
pub(crate) mod activities;
