//! Activity: reading what services publish, and daily scores.

pub mod ingest;
pub mod update_user_engagement_scores;
