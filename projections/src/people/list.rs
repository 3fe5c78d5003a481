//! Lists of people, whole or by what they are called, and of accounts for staff.

use super::{AccountRow, Person, Viewer, find::find_people};
use crate::{
    page::{COUNTED_TO, Page},
    paging::{By, Found, Paging, Turn, Weight},
    profile_pages::SearchText,
    queries::{Queries, QueryError},
    rows,
};
use chrono::{DateTime, Utc};
use domain::{UserId, values::Role};
use sqlx::{PgPool, QueryBuilder, Row, postgres::Postgres};
use uuid::Uuid;

/// Of each way in which a search finds people, so many are weighed: who means one of more must say more.
const WEIGHED: i64 = 500;
/// Misspelt names are looked for only where fewer names have the words as they were typed.
const FEW: i64 = 20;

type Sql = QueryBuilder<'static, Postgres>;

/// Which people.
#[derive(Clone, Debug)]
pub struct PeopleFilter {
    pub viewer: Viewer,
    /// The best first; without it the newest.
    pub search: Option<SearchText>,
}

/// Which accounts, for staff.
#[derive(Clone, Debug, Default)]
pub struct AccountFilter {
    pub search: Option<SearchText>,
    pub role: Option<Role>,
    pub is_verified: Option<bool>,
    /// Included.
    pub created_from: Option<DateTime<Utc>>,
    /// Not included.
    pub created_before: Option<DateTime<Utc>>,
}

impl Queries {
    /// With all that staff are shown of it.
    pub async fn find_account_row(&self, user: UserId) -> Result<Option<AccountRow>, QueryError> {
        Ok(find_accounts(&self.pool, &[user]).await?.pop())
    }

    /// By username in any case.
    pub async fn find_user_id(&self, username: &str) -> Result<Option<UserId>, QueryError> {
        let sql = "SELECT user_id FROM accounts WHERE lower(username) = lower($1)";
        let id: Option<Uuid> = sqlx::query_scalar(sql).bind(username).fetch_optional(&self.pool).await?;
        Ok(id.map(UserId::from_uuid))
    }

    /// Those who are there for the viewer: the best match first, or the newest.
    pub async fn list_people(
        &self,
        filter: &PeopleFilter,
        page: impl Into<Paging<Found>>,
    ) -> Result<Page<Person, Turn<Found>>, QueryError> {
        let page: Paging<Found> = page.into();
        let viewer = filter.viewer;
        let condition = |sql: &mut Sql| {
            sql.push(" WHERE p.version > 0 AND p.username IS NOT NULL");
            if !viewer.is_staff {
                not_apart(sql, viewer.user);
                not_hidden(sql, viewer.now);
            }
        };
        let ids = match &filter.search {
            Some(search) => found(&self.pool, (search, Some(viewer)), condition, &page).await?,
            None => newest(&self.pool, condition, &page).await?,
        };
        let Page { count, next, previous, results } = ids;
        let results = find_people(&self.pool, filter.viewer, &results).await?;
        // Read a moment later: a block may have come between.
        let results = results.into_iter().filter(|person| person.sight(filter.viewer).is_some()).collect();
        Ok(Page { count, next, previous, results })
    }

    /// All accounts, for staff: the best match first, or the newest.
    pub async fn list_accounts(
        &self,
        filter: &AccountFilter,
        page: impl Into<Paging<Found>>,
    ) -> Result<Page<AccountRow, Turn<Found>>, QueryError> {
        let page: Paging<Found> = page.into();
        let condition = |sql: &mut Sql| {
            sql.push(" JOIN accounts a USING (user_id) WHERE true");
            if let Some(role) = filter.role {
                sql.push(" AND a.role = ").push_bind(role.name());
            }
            if let Some(is_verified) = filter.is_verified {
                sql.push(" AND a.is_verified = ").push_bind(is_verified);
            }
            if let Some(from) = filter.created_from {
                sql.push(" AND p.created_at >= ").push_bind(from);
            }
            if let Some(before) = filter.created_before {
                sql.push(" AND p.created_at < ").push_bind(before);
            }
        };
        let Page { count, next, previous, results } = match &filter.search {
            Some(search) => found(&self.pool, (search, None), condition, &page).await?,
            None => newest(&self.pool, condition, &page).await?,
        };
        let results = find_accounts(&self.pool, &results).await?;
        Ok(Page { count, next, previous, results })
    }
}

/// Those of these accounts that there are, in this order.
async fn find_accounts(pool: &PgPool, ids: &[UserId]) -> Result<Vec<AccountRow>, QueryError> {
    let ids: Vec<Uuid> = ids.iter().map(|id| id.uuid()).collect();
    let sql = "
        SELECT json_build_object('account', row_to_json(a),
            'page', CASE WHEN p.version > 0 THEN row_to_json(p) END,
            'settings', CASE WHEN u.version > 0 THEN row_to_json(u) END,
            'last_active',
            (SELECT max(t.last_active_at) FROM telemetry.session_activity t WHERE t.user_id = w.user_id))::text
          FROM unnest($1::uuid[]) WITH ORDINALITY AS w (user_id, n)
          JOIN accounts a USING (user_id) LEFT JOIN profile_pages p USING (user_id)
          LEFT JOIN user_settings u USING (user_id) ORDER BY w.n";
    rows::parse(sqlx::query_scalar(sql).bind(ids).fetch_all(pool).await?)
}

/// Pages `p` of a condition, the newest first.
async fn newest(
    pool: &PgPool,
    condition: impl Fn(&mut Sql),
    page: &Paging<Found>,
) -> Result<Page<UserId, Turn<Found>>, QueryError> {
    let mut count = Sql::new("SELECT count(*) FROM (SELECT 1 FROM profile_pages p");
    condition(&mut count);
    count.push(" LIMIT ").push_bind(COUNTED_TO + 1).push(") AS counted");
    let counted: i64 = count.build_query_scalar().fetch_one(pool).await?;
    let mut list = Sql::new("SELECT p.user_id, p.created_at FROM profile_pages p");
    condition(&mut list);
    page.push_to(&mut list, By { key: &["p.created_at"], id: "p.user_id" });
    let rows: Vec<(Uuid, DateTime<Utc>)> = list.build_query_as().fetch_all(pool).await?;
    let page = page.page(counted, rows, |(id, created_at)| (Found::Newest(*created_at), *id));
    Ok(page.map(|(id, _)| UserId::from_uuid(id)))
}

/// Pages `p` of a condition that a search finds, the best first.
async fn found(
    pool: &PgPool,
    (search, viewer): (&SearchText, Option<Viewer>),
    condition: impl Fn(&mut Sql),
    page: &Paging<Found>,
) -> Result<Page<UserId, Turn<Found>>, QueryError> {
    let mut sql = Sql::new("WITH ");
    ways(&mut sql, search, viewer);
    // Of decimals: the sum is the same in whichever order they are added.
    sql.push(", found AS (SELECT user_id, sum(weight::numeric) AS weight FROM ways GROUP BY user_id)");
    sql.push(
        ", wanted AS MATERIALIZED (SELECT p.user_id, weight FROM found JOIN profile_pages p USING (user_id)",
    );
    condition(&mut sql);
    sql.push("), listed AS (SELECT user_id, weight FROM wanted WHERE true");
    page.push_to(&mut sql, By { key: &["weight"], id: "user_id" });
    sql.push(") SELECT (SELECT count(*) FROM wanted) AS n, ARRAY(SELECT user_id FROM listed) AS ids,");
    sql.push(" ARRAY(SELECT weight::text FROM listed) AS weights");
    let mut tx = pool.begin().await?;
    // The planner takes a scan that may stop at the limit for cheaper than an index. Where nobody is found that scan
    // goes on to the end, and similarity is dear.
    sqlx::query("SET LOCAL enable_seqscan = off").execute(&mut *tx).await?;
    let row = sql.build().fetch_one(&mut *tx).await?;
    tx.commit().await?;
    let (ids, weights): (Vec<Uuid>, Vec<String>) = (row.get("ids"), row.get("weights"));
    let counted = Some(row.get("n")).filter(|counted| *counted < WEIGHED).unwrap_or(COUNTED_TO + 1);
    let rows = ids.into_iter().zip(weights).collect();
    let page = page.page(counted, rows, |(id, weight)| (Found::Best(Weight(weight.clone())), *id));
    Ok(page.map(|(id, _)| UserId::from_uuid(id)))
}

/// `ways`: who is found in which way, and how much that weighs.
///
/// Each way has an index of its own and is bounded: the username itself, beginnings of all words in the names, names
/// that are similar if those are few, beginnings of all words in the biography of whoever shows it to the viewer.
/// Without a viewer, for staff: everybody shows it, and the address itself is one more way.
fn ways(sql: &mut Sql, search: &SearchText, viewer: Option<Viewer>) {
    let beginnings = search.beginnings();
    if let Some(beginnings) = &beginnings {
        // Whole words before beginnings, short names before long ones.
        sql.push("named AS MATERIALIZED (SELECT user_id, 1 + (words @@ ");
        sql.push_bind(beginnings.replace(":*", ""));
        sql.push("::tsquery)::int * 0.5 + 1.0 / (1 + length(text)) AS weight");
        sql.push(" FROM profile_names WHERE words @@ ").push_bind(beginnings.clone());
        sql.push("::tsquery LIMIT ").push_bind(WEIGHED).push("), ");
    }
    sql.push("ways AS (SELECT user_id, 4 AS weight FROM accounts WHERE lower(username) = lower(");
    sql.push_bind(search.whole.clone()).push(")");
    if viewer.is_none() {
        sql.push(" UNION ALL SELECT user_id, 4 FROM profile_pages WHERE lower(email) = ");
        sql.push_bind(search.address());
    }
    if let Some(beginnings) = beginnings {
        sql.push(" UNION ALL SELECT user_id, weight FROM named");
        sql.push(" UNION ALL (SELECT user_id, 0.25 FROM profile_bios w WHERE words @@ ");
        sql.push_bind(beginnings).push("::tsquery");
        if let Some(viewer) = viewer.filter(|viewer| !viewer.is_staff) {
            shows_all(sql, viewer.user);
        }
        sql.push(" LIMIT ").push_bind(WEIGHED).push(")");
        if let Some(text) = search.similar() {
            sql.push(" UNION ALL (SELECT user_id, public.word_similarity(").push_bind(text.clone());
            sql.push(", text) FROM profile_names WHERE (SELECT count(*) FROM named) < ").push_bind(FEW);
            sql.push(" AND text OPERATOR(public.%>) ").push_bind(text);
            sql.push(" LIMIT ").push_bind(WEIGHED).push(")");
        }
    }
    sql.push(")");
}

/// The person of `w` shows the whole profile to the viewer: the rule of [`Person::sight`].
fn shows_all(sql: &mut Sql, viewer: UserId) {
    sql.push(" AND EXISTS (SELECT FROM profile_pages s LEFT JOIN user_settings u USING (user_id)");
    sql.push(" WHERE s.user_id = w.user_id AND (s.user_id = ").push_bind(viewer.uuid());
    sql.push(" OR (NOT s.is_private AND coalesce(u.profile_visibility, 'public') = 'public')");
    sql.push(" OR (coalesce(u.profile_visibility, 'public') <> 'private' AND EXISTS");
    sql.push(" (SELECT FROM follow_periods f WHERE f.follower = ").push_bind(viewer.uuid());
    sql.push(" AND f.followed = s.user_id AND f.status = 'accepted' AND f.valid_to IS NULL))))");
}

/// No block keeps the person of `p` and the viewer apart.
fn not_apart(sql: &mut Sql, viewer: UserId) {
    sql.push(" AND NOT EXISTS (SELECT FROM blocks b WHERE b.ended_at IS NULL AND ((b.blocker = ");
    sql.push_bind(viewer.uuid())
        .push(" AND b.blocked = p.user_id) OR (b.blocker = p.user_id AND b.blocked = ");
    sql.push_bind(viewer.uuid()).push(")))");
}

/// The person of `p` is there for others: the rule of [`ProfilePage::is_hidden`](crate::profile_pages::query).
fn not_hidden(sql: &mut Sql, now: DateTime<Utc>) {
    sql.push(" AND NOT p.is_leaving AND (p.suspended_at IS NULL OR p.suspended_until <= ");
    sql.push_bind(now).push(")");
}
