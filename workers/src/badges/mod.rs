//! Jobs of badges: evaluation of criteria, awards.

pub mod award_badge;
pub mod evaluate_badge;
pub mod evaluate_user_badges;
