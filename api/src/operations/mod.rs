//! What operators and their machines ask.

pub mod docs;
pub mod health;
pub mod problems;
pub mod schedules;
pub mod timetable;
