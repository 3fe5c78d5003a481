//! Views of badges: one type per resource, the same in every reply.

mod badge;
mod badge_board;
mod badge_progress;

pub use badge::{BadgeCardView, BadgeView, UserBadgeView};
pub use badge_board::{BadgeAnalyticsView, LeaderboardView};
pub use badge_progress::{
    BadgeProgressView, EligibleBadgeView, EvidenceView, PreviewProgressView, PreviewView,
};
