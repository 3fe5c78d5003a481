//! A day is over: windows move on for everybody (ANL-02, TSK-02).

use super::rows::{TALLIES, TallyRow};
use crate::{batch::Batch, projection::ProjectionError, rows};
use chrono::{Datelike, NaiveDate};
use domain::UserId;
use uuid::Uuid;

/// People whose tallies are held at the same time.
const BATCH: i64 = 1_000;

const CLOSE: &str = "
    INSERT INTO badge_numbers AS b VALUES ('closed', $1)
    ON CONFLICT (name) DO UPDATE SET n = excluded.n WHERE b.n < excluded.n";

const SCORED: &str =
    "WHERE (engagement_score > 0 OR interaction_frequency > 0) AND user_id > $1 ORDER BY user_id LIMIT $2";

const SINK: &str = "
    UPDATE badge_tallies t
       SET engagement_score = n.engagement_score, interaction_frequency = n.interaction_frequency
      FROM unnest($1::uuid[], $2::bigint[], $3::bigint[]) AS n (user_id, engagement_score, interaction_frequency)
     WHERE t.user_id = n.user_id";

/// 0 to 100, none before the third item: the mean of all items, of which a review counts by its quality and a post by
/// the share of those others who post that have fewer likes for each post. Rounded down.
const COMPARE: &str = "
    WITH posting AS (
             SELECT user_id, (rank() OVER (ORDER BY likes_received::numeric / posts_count) - 1) * 100
                             / greatest(count(*) OVER () - 1, 1) AS share
               FROM badge_tallies WHERE posts_count > 0),
         scores AS (
             SELECT t.user_id, CASE WHEN t.posts_count + t.rated_reviews >= 3
                        THEN (t.posts_count * coalesce(p.share, 0) + t.review_tenths * 2)
                             / (t.posts_count + t.rated_reviews) END AS score
               FROM badge_tallies t LEFT JOIN posting p USING (user_id)
              WHERE t.posts_count + t.rated_reviews >= 3 OR t.content_quality_score IS NOT NULL)
    UPDATE badge_tallies t SET content_quality_score = s.score FROM scores s
     WHERE t.user_id = s.user_id AND t.content_quality_score IS DISTINCT FROM s.score";

/// What sinks of a row of `badge_tallies`.
#[derive(PartialEq, Eq)]
struct Scores {
    user_id: UserId,
    engagement_score: i64,
    interaction_frequency: i64,
}

impl Scores {
    const fn of(row: &TallyRow) -> Self {
        let TallyRow { user_id, engagement_score, interaction_frequency, .. } = *row;
        Self { user_id, engagement_score, interaction_frequency }
    }
}

/// Brings all scores to what they are when this day is over. An earlier one than the last changes nothing.
pub(super) async fn close(batch: &mut Batch<'_>, day: NaiveDate) -> Result<(), ProjectionError> {
    let tx = batch.writing().await?;
    let days = i64::from(day.num_days_from_ce());
    if sqlx::query(CLOSE).bind(days).execute(&mut *tx).await?.rows_affected() == 0 {
        return Ok(());
    }
    let scored = format!("{} {SCORED}", TALLIES.select());
    let mut after = Uuid::nil();
    loop {
        let tallies: Vec<TallyRow> =
            rows::read(&sqlx::query_scalar(&scored).bind(after).bind(BATCH).fetch_all(&mut *tx).await?)?;
        let Some(last) = tallies.last() else { break };
        after = last.user_id.uuid();
        let sunk = tallies.into_iter().filter_map(|row| {
            let before = Scores::of(&row);
            let now = Scores::of(&row.numbered(Some(day)));
            (now != before).then_some(now)
        });
        let (mut people, mut engagement, mut frequency) = (Vec::new(), Vec::new(), Vec::new());
        for Scores { user_id, engagement_score, interaction_frequency } in sunk {
            people.push(user_id.uuid());
            engagement.push(engagement_score);
            frequency.push(interaction_frequency);
        }
        sqlx::query(SINK).bind(people).bind(engagement).bind(frequency).execute(&mut *tx).await?;
    }
    sqlx::query(COMPARE).execute(tx).await?;
    Ok(())
}
