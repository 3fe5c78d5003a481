//! Badges, and who is awarded them.

pub mod badge_boards;
pub mod badge_progress;
pub mod definitions;
pub mod user_badges;
