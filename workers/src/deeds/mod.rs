//! What people do elsewhere is taken in, and scored.

pub mod ingest;
pub mod update_user_engagement_scores;
