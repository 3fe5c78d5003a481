//! Badges are awarded to those who earned them.

pub mod award_badge;
pub mod evaluate_badge;
pub mod evaluate_user_badges;
