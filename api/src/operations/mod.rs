//! Endpoints for operators: health, metrics, schedules, documentation.

pub mod docs;
pub mod health;
pub mod problems;
pub mod schedules;
pub mod timetable;
