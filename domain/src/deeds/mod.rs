//! What people do elsewhere, and on which days they were there.

pub mod activity;
pub mod calendar;
