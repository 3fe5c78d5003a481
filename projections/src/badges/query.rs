//! Reads of `badges`: definitions, and who has what. Who may see whose awards is the caller's to check.

use crate::{
    page::{COUNTED_TO, Page},
    paging::{By, Paging, Shelf, Turn},
    queries::{Queries, QueryError},
    rows,
};
use chrono::{DateTime, Utc};
use domain::{
    AwardId, BadgeId, UserId,
    award::AwardStatus,
    badge::{
        Badge, BadgeStatus,
        criteria::{Criterion, Progress},
    },
    values::{Rarity, Tier, folded},
};
use serde::{Deserialize, Serialize};
use sqlx::{PgPool, QueryBuilder, postgres::Postgres};

type Sql = QueryBuilder<'static, Postgres>;

/// A badge as it is defined now.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BadgeRow {
    pub badge_id: BadgeId,
    pub slug: String,
    pub name: String,
    pub description: String,
    pub category: String,
    pub icon: String,
    pub color: String,
    pub image: Option<String>,
    pub points: i64,
    pub rarity: Rarity,
    pub criteria: Option<Criterion>,
    pub tier: Option<Tier>,
    pub series: Option<String>,
    pub available_from: Option<DateTime<Utc>>,
    /// Not included.
    pub available_until: Option<DateTime<Utc>>,
    pub status: BadgeStatus,
    /// From 1.
    pub criteria_version: i64,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    /// How many people have it, of those who are there for others.
    pub earned_count: i64,
    pub version: i64,
}

impl BadgeRow {
    /// What a badge's state shows, with what only this read model knows: as it was, or as it is for a new one.
    /// None for a badge that was never defined.
    pub fn of(
        badge_id: BadgeId,
        state: &Badge,
        version: i64,
        (known, now): (Option<&Self>, DateTime<Utc>),
    ) -> Option<Self> {
        let details = state.details.clone();
        Some(Self {
            badge_id,
            slug: state.slug.clone(),
            name: details.name,
            description: details.description,
            category: details.category,
            icon: details.icon,
            color: details.color,
            image: details.image,
            points: i64::from(details.points),
            rarity: details.rarity,
            criteria: details.criteria,
            tier: details.tier,
            series: details.series,
            available_from: details.available_from,
            available_until: details.available_until,
            status: state.status?,
            criteria_version: i64::from(state.version),
            created_at: state.defined_at,
            updated_at: now,
            earned_count: known.map_or(0, |row| row.earned_count),
            version,
        })
    }
}

/// The latest award of a badge to a person, also one that was taken away.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AwardRow {
    pub award_id: AwardId,
    pub user_id: UserId,
    pub badge_id: BadgeId,
    pub status: AwardStatus,
    /// How often it was given.
    pub ordinal: i64,
    pub criteria_version: i64,
    /// What the person got.
    pub points: i64,
    /// `system`, `admin`, or `service:<name>`.
    pub awarded_by: String,
    pub earned_at: DateTime<Utc>,
    pub awarded_at: DateTime<Utc>,
    pub evidence_total: i64,
    /// None for a gift.
    pub progress: Option<Progress>,
    pub notes: Option<String>,
    pub revoked_at: Option<DateTime<Utc>>,
    pub revocation_reason: Option<String>,
    pub version: i64,
    /// Until when its person is not there for others; none: there.
    pub gone_until: Option<DateTime<Utc>>,
}

impl AwardRow {
    pub fn is_held(&self) -> bool {
        self.status == AwardStatus::Held
    }
}

/// An award with its badge.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct UserBadge {
    pub award: AwardRow,
    pub badge: BadgeRow,
    /// The person has it and shows it first.
    pub is_featured: bool,
}

/// Which badges; all that are given must hold.
#[derive(Clone, Debug)]
pub struct BadgeFilter {
    pub category: Option<String>,
    pub rarity: Option<Rarity>,
    pub is_active: Option<bool>,
    /// Part of the name or of the description, without case and accents.
    pub search: Option<String>,
    /// Also those that were never active.
    pub with_drafts: bool,
    /// Whoever is suspended at this time does not count.
    pub now: DateTime<Utc>,
}

impl BadgeFilter {
    fn push_to(&self, sql: &mut Sql) {
        sql.push(" FROM badges b WHERE true");
        if let Some(category) = &self.category {
            sql.push(" AND category = ").push_bind(category.clone());
        }
        if let Some(rarity) = self.rarity {
            sql.push(" AND rarity = ").push_bind(rarity.name());
        }
        if !self.with_drafts {
            sql.push(" AND status <> 'draft'");
        }
        if let Some(is_active) = self.is_active {
            sql.push(" AND (status = 'active') = ").push_bind(is_active);
        }
        if let Some(search) = &self.search {
            sql.push(" AND strpos(folded, ").push_bind(folded(search)).push(") > 0");
        }
    }
}

/// Which awards.
#[derive(Clone, Copy, Debug)]
pub struct AwardFilter {
    pub user: UserId,
    pub badge: Option<BadgeId>,
    /// Only those shown first, if true; only the others, if false.
    pub is_featured: Option<bool>,
    /// Also those that were taken away.
    pub with_revoked: bool,
}

const IS_FEATURED: &str = "(a.status = 'held' AND EXISTS (SELECT FROM showcases s
    WHERE s.user_id = a.user_id AND s.awards::jsonb ? a.award_id::text))";

impl AwardFilter {
    fn push_to(&self, sql: &mut Sql) {
        sql.push(" FROM user_badges a JOIN badges b USING (badge_id) WHERE a.user_id = ");
        sql.push_bind(self.user.uuid());
        if let Some(badge) = self.badge {
            sql.push(" AND a.badge_id = ").push_bind(badge.uuid());
        }
        if let Some(is_featured) = self.is_featured {
            sql.push(" AND ").push(IS_FEATURED).push(" = ").push_bind(is_featured);
        }
        if !self.with_revoked {
            sql.push(" AND a.status = 'held'");
        }
    }
}

fn shown() -> String {
    format!(
        "SELECT json_build_object('award', row_to_json(a), 'badge', row_to_json(b), 'is_featured', {IS_FEATURED})::text"
    )
}

/// A badge `b`, and how many have it of those who are there for others at a time that is to be bound.
const COUNTED: &str = "SELECT row_to_json(b)::text, b.earned_count - (SELECT count(*) FROM user_badges g
    WHERE g.badge_id = b.badge_id AND g.status = 'held' AND g.gone_until > ";

fn counted((badge, earned_count): (String, i64)) -> Result<BadgeRow, QueryError> {
    Ok(BadgeRow { earned_count, ..serde_json::from_str(&badge)? })
}

impl Queries {
    /// Also one that is a draft, or retired.
    pub async fn find_badge(
        &self,
        badge: BadgeId,
        now: DateTime<Utc>,
    ) -> Result<Option<BadgeRow>, QueryError> {
        let mut sql = Sql::new(COUNTED);
        sql.push_bind(now).push(") FROM badges b WHERE badge_id = ").push_bind(badge.uuid());
        find_one(&self.pool, sql).await
    }

    pub async fn find_badge_by_slug(
        &self,
        slug: &str,
        now: DateTime<Utc>,
    ) -> Result<Option<BadgeRow>, QueryError> {
        let mut sql = Sql::new(COUNTED);
        sql.push_bind(now).push(") FROM badges b WHERE slug = ").push_bind(slug.to_owned());
        find_one(&self.pool, sql).await
    }

    /// By category and name.
    pub async fn list_badges(
        &self,
        filter: &BadgeFilter,
        page: impl Into<Paging<Shelf>>,
    ) -> Result<Page<BadgeRow, Turn<Shelf>>, QueryError> {
        let page: Paging<Shelf> = page.into();
        let all = count(&self.pool, |sql| filter.push_to(sql)).await?;
        let mut sql = Sql::new(COUNTED);
        sql.push_bind(filter.now).push(")");
        filter.push_to(&mut sql);
        page.push_to(&mut sql, By { key: &["category", "name"], id: "badge_id" });
        let rows: Vec<(String, i64)> = sql.build_query_as().fetch_all(&self.pool).await?;
        let rows: Vec<BadgeRow> = rows.into_iter().map(counted).collect::<Result<_, _>>()?;
        let shelf = |row: &BadgeRow| Shelf { category: row.category.clone(), name: row.name.clone() };
        Ok(page.page(all, rows, |row| (shelf(row), row.badge_id.uuid())))
    }

    /// Active badges with a criterion that a person does not have.
    pub async fn list_open_badges(&self, user: UserId) -> Result<Vec<BadgeRow>, QueryError> {
        let sql = "SELECT row_to_json(b)::text FROM badges b
            WHERE status = 'active' AND criteria IS NOT NULL AND NOT EXISTS
                (SELECT FROM user_badges a WHERE a.user_id = $1 AND a.badge_id = b.badge_id AND a.status = 'held')
            ORDER BY name";
        rows::parse(sqlx::query_scalar(sql).bind(user.uuid()).fetch_all(&self.pool).await?)
    }

    /// Also one that was taken away.
    pub async fn find_award(&self, award: AwardId) -> Result<Option<UserBadge>, QueryError> {
        let sql =
            format!("{} FROM user_badges a JOIN badges b USING (badge_id) WHERE award_id = $1", shown());
        rows::find(&self.pool, &sql, award.uuid()).await
    }

    /// A person's badges, the latest earned first.
    pub async fn list_awards(
        &self,
        filter: &AwardFilter,
        page: impl Into<Paging<DateTime<Utc>>>,
    ) -> Result<Page<UserBadge, Turn<DateTime<Utc>>>, QueryError> {
        let page: Paging<DateTime<Utc>> = page.into();
        let counted = count(&self.pool, |sql| filter.push_to(sql)).await?;
        let mut sql = Sql::new(shown());
        filter.push_to(&mut sql);
        page.push_to(&mut sql, By { key: &["a.earned_at"], id: "a.award_id" });
        let rows = rows::parse(sql.build_query_scalar().fetch_all(&self.pool).await?)?;
        Ok(page.page(counted, rows, |row: &UserBadge| (row.award.earned_at, row.award.award_id.uuid())))
    }
}

async fn find_one(pool: &PgPool, mut sql: Sql) -> Result<Option<BadgeRow>, QueryError> {
    let found: Option<(String, i64)> = sql.build_query_as().fetch_optional(pool).await?;
    found.map(counted).transpose()
}

async fn count(pool: &PgPool, push_filter: impl Fn(&mut Sql)) -> Result<i64, QueryError> {
    let mut sql = Sql::new("SELECT count(*) FROM (SELECT 1");
    push_filter(&mut sql);
    sql.push(" LIMIT ").push_bind(COUNTED_TO + 1).push(") AS counted");
    Ok(sql.build_query_scalar().fetch_one(pool).await?)
}
