//! A recount of people's posts from the stored facts (C-46).

use domain::{UserId, badge::criteria::Action};
use sqlx::PgPool;
use uuid::Uuid;

/// People whose counter differs from the recount, by id, at most `limit`. One statement sees both at one moment.
pub(crate) async fn list_wrong_counters(pool: &PgPool, limit: i64) -> Result<Vec<UserId>, sqlx::Error> {
    let wrong: Vec<Uuid> = sqlx::query_scalar(
        "WITH recount AS (
             SELECT user_id, greatest(0, sum(CASE WHEN undone THEN -1 ELSE 1 END)) AS posts_count FROM badge_facts
              WHERE kind = 'did' AND action = $1 GROUP BY user_id)
         SELECT user_id FROM recount AS r FULL JOIN badge_tallies AS t USING (user_id)
          WHERE coalesce(r.posts_count, 0) <> coalesce(t.posts_count, 0) ORDER BY user_id LIMIT $2",
    )
    .bind(Action::PostCreate.name())
    .bind(limit)
    .fetch_all(pool)
    .await?;
    Ok(wrong.into_iter().map(UserId::from_uuid).collect())
}
