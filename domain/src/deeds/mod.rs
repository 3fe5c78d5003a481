//! Activity of people, and the calendar of closed days.

pub mod activity;
pub mod calendar;
