//! Badge endpoints: definitions, awards, progress, public awards.

pub mod award_body;
pub mod badge_boards;
pub mod badge_body;
pub mod badge_progress;
pub mod definitions;
pub mod public_badges;
pub mod user_badges;
pub mod views;
