//! A recount of holders per badge and badges per person from the awards (C-46).

use domain::UserId;
use sqlx::PgPool;

/// People whose counts differ from the recount, or who have a badge whose count does; by id, at most `limit`. One
/// statement sees all at one moment.
pub(crate) async fn list_wrong_counters(pool: &PgPool, limit: i64) -> Result<Vec<UserId>, sqlx::Error> {
    let wrong: Vec<uuid::Uuid> = sqlx::query_scalar(
        "WITH held AS (SELECT user_id, badge_id, gone_until FROM user_badges WHERE status = 'held'),
         badly_counted AS (
             SELECT badge_id FROM badges b LEFT JOIN (SELECT badge_id, count(*) AS n FROM held GROUP BY badge_id) h
                USING (badge_id) WHERE b.earned_count <> coalesce(h.n, 0))
         SELECT user_id FROM (SELECT user_id, count(*) AS n FROM held GROUP BY user_id) h
             FULL JOIN badge_totals t USING (user_id) WHERE coalesce(h.n, 0) <> coalesce(t.badges, 0)
         UNION
         SELECT user_id FROM held LEFT JOIN holder_absences a USING (user_id)
          WHERE held.gone_until IS DISTINCT FROM a.gone_until
         UNION
         SELECT user_id FROM user_badges JOIN badly_counted USING (badge_id)
          ORDER BY user_id LIMIT $1",
    )
    .bind(limit)
    .fetch_all(pool)
    .await?;
    Ok(wrong.into_iter().map(UserId::from_uuid).collect())
}
