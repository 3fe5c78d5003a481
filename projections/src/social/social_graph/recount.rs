//! The counters of followers, counted again from the follows that stand, and what is taken off them for whoever is not
//! there for others (C-46).

use domain::UserId;
use sqlx::PgPool;

/// People whose counters differ from the recount, by id, at most `limit`. One statement sees both at one moment.
pub(crate) async fn list_wrong_counters(pool: &PgPool, limit: i64) -> Result<Vec<UserId>, sqlx::Error> {
    let wrong: Vec<uuid::Uuid> = sqlx::query_scalar(
        "WITH sides AS (
             SELECT followed AS user_id, 1 AS follower, 0 AS following FROM follow_periods
              WHERE valid_to IS NULL AND status = 'accepted'
             UNION ALL
             SELECT follower, 0, 1 FROM follow_periods WHERE valid_to IS NULL AND status = 'accepted'),
         recount AS (
             SELECT user_id, sum(follower) AS follower_count, sum(following) AS following_count
               FROM sides GROUP BY user_id)
         SELECT user_id FROM recount AS r FULL JOIN follow_counts AS c USING (user_id)
          WHERE coalesce(r.follower_count, 0) <> coalesce(c.follower_count, 0)
             OR coalesce(r.following_count, 0) <> coalesce(c.following_count, 0)
         UNION
         SELECT followed FROM follows f LEFT JOIN absences a ON a.user_id = follower
          WHERE status = 'accepted' AND NOT is_deleted AND follower_gone_until IS DISTINCT FROM gone_until
         UNION
         SELECT follower FROM follows f LEFT JOIN absences a ON a.user_id = followed
          WHERE status = 'accepted' AND NOT is_deleted AND followed_gone_until IS DISTINCT FROM gone_until
          ORDER BY user_id LIMIT $1",
    )
    .bind(limit)
    .fetch_all(pool)
    .await?;
    Ok(wrong.into_iter().map(UserId::from_uuid).collect())
}
