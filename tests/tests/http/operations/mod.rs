//! The program as its operators see it.

pub mod administration;
pub mod commands;
pub mod disk;
pub mod key_rotation;
pub mod nats;
pub mod nodes;
pub mod planted;
pub mod schedules;
pub mod secrecy;
