//! Lists of follows, blocks and mutes, and how many follow.
//!
//! Of a person's accepted follows a viewer is shown those whose other end is there for the viewer: no block keeps the two
//! apart, and nobody is suspended or leaving. Lists and counts go by that one rule: [`Queries::list_follows`] reads it row by row,
//! [`shown_counts`] takes those who are not there off the counters, so that a hundred thousand followers cost no more than
//! ten.

use super::query::{BlockRow, FollowCounts, FollowRow, MuteRow};
use crate::{
    page::{COUNTED_TO, Page},
    paging::{By, Paging, Turn},
    people::Viewer,
    queries::{Queries, QueryError},
    rows,
};
use chrono::{DateTime, Utc};
use domain::{UserId, values::FollowStatus};
use serde::de::DeserializeOwned;
use sqlx::{PgPool, QueryBuilder, Row, postgres::Postgres};
use uuid::Uuid;

type Sql = QueryBuilder<'static, Postgres>;
type Moments = Paging<DateTime<Utc>>;
type Listed<R> = Result<Page<R, Turn<DateTime<Utc>>>, QueryError>;

/// Which end of a follow a person is at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// Who follows the person.
    Followers,
    /// Whom the person follows.
    Following,
}

/// Which follows.
#[derive(Clone, Copy, Debug)]
pub struct FollowFilter {
    pub user: UserId,
    pub direction: Direction,
    pub status: FollowStatus,
    /// None: now. By the log's own time.
    pub as_of: Option<DateTime<Utc>>,
    /// Whom a block keeps apart from this one is left out.
    pub viewer: UserId,
    /// Whoever is suspended at this time is left out.
    pub now: DateTime<Utc>,
}

impl FollowFilter {
    /// Whose rows they are, and who is at the other end.
    const fn ends(&self) -> (&'static str, &'static str) {
        match self.direction {
            Direction::Followers => ("followed", "follower"),
            Direction::Following => ("follower", "followed"),
        }
    }

    fn push_to(&self, sql: &mut Sql) {
        let (whose, other) = self.ends();
        sql.push(format!(" FROM follow_periods p WHERE {whose} = ")).push_bind(self.user.uuid());
        sql.push(" AND status = ").push_bind(self.status.name());
        match self.as_of {
            None => sql.push(" AND valid_to IS NULL"),
            Some(then) => {
                sql.push(" AND valid_from <= ").push_bind(then);
                sql.push(" AND (valid_to IS NULL OR valid_to > ").push_bind(then).push(")")
            }
        };
        sql.push(" AND NOT EXISTS (SELECT FROM blocks b WHERE b.ended_at IS NULL AND ((b.blocker = ");
        sql.push_bind(self.viewer.uuid())
            .push(format!(" AND b.blocked = p.{other}) OR (b.blocker = p.{other}"));
        sql.push(" AND b.blocked = ").push_bind(self.viewer.uuid()).push(")))");
        sql.push(format!(" AND NOT EXISTS (SELECT FROM absences s WHERE s.user_id = p.{other}"));
        sql.push(" AND s.gone_until > ").push_bind(self.now).push(")");
    }
}

impl Queries {
    /// As they are shown to the viewer; none and none for somebody who is not there.
    pub async fn find_follow_counts(&self, viewer: Viewer, user: UserId) -> Result<FollowCounts, QueryError> {
        find_counts(&self.pool, (user, viewer.user), viewer.now).await
    }

    /// Newest request first.
    pub async fn list_follows(&self, filter: &FollowFilter, page: impl Into<Moments>) -> Listed<FollowRow> {
        let page: Moments = page.into();
        let counted = match (filter.status, filter.as_of) {
            (FollowStatus::Accepted, None) => {
                let counts = find_counts(&self.pool, (filter.user, filter.viewer), filter.now).await?;
                match filter.direction {
                    Direction::Followers => counts.follower_count,
                    Direction::Following => counts.following_count,
                }
            }
            (FollowStatus::Accepted | FollowStatus::Pending | FollowStatus::Rejected, _) => {
                count(&self.pool, |sql| filter.push_to(sql)).await?
            }
        };
        let mut sql = Sql::new(
            "SELECT json_build_object('follow_id', follow_id, 'follower', follower, 'followed', followed, 'status', status,
                 'is_deleted', false, 'created_at', created_at, 'updated_at', updated_at)::text",
        );
        filter.push_to(&mut sql);
        page.push_to(&mut sql, By { key: &["created_at"], id: "follow_id" });
        let rows = rows::parse(sql.build_query_scalar().fetch_all(&self.pool).await?)?;
        Ok(page.page(counted, rows, |row: &FollowRow| (row.created_at, row.follow_id.uuid())))
    }

    /// A person's blocks that stand, newest first.
    pub async fn list_blocks(&self, blocker: UserId, page: impl Into<Moments>) -> Listed<BlockRow> {
        let page: Moments = page.into();
        let own = (" FROM blocks b WHERE blocker = ", "b", blocker);
        let place = |row: &BlockRow| (row.created_at, row.block_id.uuid());
        list_own(&self.pool, own, (&page, "block_id"), place).await
    }

    /// A person's mutes that stand, newest first.
    pub async fn list_mutes(&self, muter: UserId, page: impl Into<Moments>) -> Listed<MuteRow> {
        let page: Moments = page.into();
        let own = (" FROM mutes m WHERE muter = ", "m", muter);
        let place = |row: &MuteRow| (row.created_at, row.mute_id.uuid());
        list_own(&self.pool, own, (&page, "mute_id"), place).await
    }
}

/// How many accepted followers a person has for a viewer, and how many that person follows: a select list of the two,
/// each of these being an expression.
pub(crate) fn shown_counts(person: &str, viewer: &str, now: &str) -> String {
    let count = |(kept, whose, other): (&str, &str, &str)| {
        format!(
            "(coalesce((SELECT {kept} FROM follow_counts k WHERE k.user_id = {person}), 0)
              - (SELECT count(*) FROM follows g WHERE g.{whose} = {person} AND g.status = 'accepted'
                    AND NOT g.is_deleted AND g.{other}_gone_until > {now})
              - (SELECT count(*) FROM
                    (SELECT blocked AS other FROM blocks WHERE blocker = {viewer} AND ended_at IS NULL UNION
                     SELECT blocker FROM blocks WHERE blocked = {viewer} AND ended_at IS NULL) o
                    JOIN follows g ON g.{whose} = {person} AND g.{other} = o.other AND g.status = 'accepted'
                        AND NOT g.is_deleted AND (g.{other}_gone_until IS NULL OR g.{other}_gone_until <= {now})))
             AS {kept}"
        )
    };
    let sides = [("follower_count", "followed", "follower"), ("following_count", "follower", "followed")];
    sides.map(count).join(", ")
}

/// As the viewer is shown them.
async fn find_counts(
    pool: &PgPool,
    (user_id, viewer): (UserId, UserId),
    now: DateTime<Utc>,
) -> Result<FollowCounts, QueryError> {
    let sql = format!("SELECT {}", shown_counts("$1", "$2", "$3"));
    let row = sqlx::query(&sql).bind(user_id.uuid()).bind(viewer.uuid()).bind(now).fetch_one(pool).await?;
    let (follower_count, following_count) = (row.get("follower_count"), row.get("following_count"));
    Ok(FollowCounts { user_id, follower_count, following_count })
}

/// One by one, to a bound.
async fn count(pool: &PgPool, push_filter: impl FnOnce(&mut Sql)) -> Result<i64, QueryError> {
    let mut sql = Sql::new("SELECT count(*) FROM (SELECT 1");
    push_filter(&mut sql);
    sql.push(" LIMIT ").push_bind(COUNTED_TO + 1).push(") AS counted");
    Ok(sql.build_query_scalar().fetch_one(pool).await?)
}

async fn list_own<R: DeserializeOwned>(
    pool: &PgPool,
    (from, row, user): (&str, &str, UserId),
    (page, id): (&Moments, &'static str),
    place: impl Fn(&R) -> (DateTime<Utc>, Uuid),
) -> Listed<R> {
    let of_user = |sql: &mut Sql| {
        sql.push(from).push_bind(user.uuid()).push(" AND ended_at IS NULL");
    };
    let counted = count(pool, of_user).await?;
    let mut sql = Sql::new(format!("SELECT row_to_json({row})::text"));
    of_user(&mut sql);
    page.push_to(&mut sql, By { key: &["created_at"], id });
    Ok(page.page(counted, rows::parse(sql.build_query_scalar().fetch_all(pool).await?)?, place))
}
