//! People by their ids, each as one viewer stands to them.

use super::{Deeds, Person, Viewer};
use crate::{
    gathered::Gathered,
    profile_pages::query::ProfilePage,
    queries::{Queries, QueryError},
    social_graph::{lists::shown_counts, query::FollowCounts},
};
use chrono::{DateTime, Utc};
use domain::{BlockId, FollowId, MuteId, UserId};
use serde::de::{DeserializeOwned, IntoDeserializer};
use sqlx::{
    PgPool, Postgres, Row,
    postgres::{PgArguments, PgRow},
    query::Query,
};
use std::sync::{Arc, LazyLock};
use store::Sessions;
use uuid::Uuid;

/// Ids are derived, so that each row is found by its primary key. `w` has the ids of a person and of what is between
/// that person and the viewer, and the number of the pair. Arrays within a subselect hide their lengths from the
/// planner: it makes one plan and keeps it, instead of a new one each time.
static SEEN: LazyLock<String> = LazyLock::new(|| {
    let counts = shown_counts("p.user_id", "w.viewer", "w.now");
    format!(
        "
    SELECT w.n, row_to_json(p)::text AS page, coalesce(a.email_verified, false) AS email_verified, {counts},
        follow.status AS follow, coalesce(followed.status = 'accepted', false) AS follows_viewer,
        mute.mute_id IS NOT NULL AS is_muted,
        block.block_id IS NOT NULL OR blocked.block_id IS NOT NULL AS apart,
        coalesce(b.badge_points, 0) AS badge_points, coalesce(u.profile_visibility, 'public') AS visibility,
        d.posts_count, d.engagement_score, d.interaction_frequency, d.content_quality_score,
        (SELECT max(t.last_active_at) FROM telemetry.session_activity t WHERE t.user_id = p.user_id) AS last_active
    FROM unnest((SELECT $1::uuid[]), (SELECT $2::uuid[]), (SELECT $3::uuid[]), (SELECT $4::uuid[]),
        (SELECT $5::uuid[]), (SELECT $6::uuid[]), (SELECT $7::uuid[]), (SELECT $8::timestamptz[])) WITH ORDINALITY
        AS w (user_id, follow, followed, block, blocked, mute, viewer, now, n)
    JOIN profile_pages p USING (user_id)
    LEFT JOIN accounts a USING (user_id)
    LEFT JOIN user_settings u USING (user_id)
    LEFT JOIN badge_totals b USING (user_id)
    LEFT JOIN badge_tallies d ON d.user_id = w.user_id AND NOT d.erased
    LEFT JOIN follows follow ON follow.follow_id = w.follow AND NOT follow.is_deleted
    LEFT JOIN follows followed ON followed.follow_id = w.followed AND NOT followed.is_deleted
    LEFT JOIN mutes mute ON mute.mute_id = w.mute AND mute.ended_at IS NULL
    LEFT JOIN blocks block ON block.block_id = w.block AND block.ended_at IS NULL
    LEFT JOIN blocks blocked ON blocked.block_id = w.blocked AND blocked.ended_at IS NULL
    WHERE p.version > 0"
    )
});

/// The ids of `w`, and the time.
type Pair = ([Uuid; 7], DateTime<Utc>);

fn pair(Viewer { user: viewer, now, .. }: Viewer, person: UserId) -> Pair {
    let ids = [
        person.uuid(),
        FollowId::of(viewer, person).uuid(),
        FollowId::of(person, viewer).uuid(),
        BlockId::of(viewer, person).uuid(),
        BlockId::of(person, viewer).uuid(),
        MuteId::of(viewer, person).uuid(),
        viewer.uuid(),
    ];
    (ids, now)
}

fn seen(pairs: &[Pair]) -> Query<'static, Postgres, PgArguments> {
    let ids = (0..7).fold(sqlx::query(&SEEN), |query, column| {
        query.bind(pairs.iter().map(|(ids, _)| ids[column]).collect::<Vec<_>>())
    });
    ids.bind(pairs.iter().map(|(_, now)| *now).collect::<Vec<_>>())
}

/// For each of so many pairs the person; none for whoever has no profile.
fn placed(rows: Vec<PgRow>, pairs: usize) -> Result<Vec<Option<PgRow>>, sqlx::Error> {
    let mut people: Vec<_> = (0..pairs).map(|_| None).collect();
    for row in rows {
        let place = usize::try_from(row.try_get::<i64, _>("n")? - 1).ok().and_then(|n| people.get_mut(n));
        *place.ok_or(sqlx::Error::RowNotFound)? = Some(row);
    }
    Ok(people)
}

fn read_person(row: &PgRow) -> Result<Person, QueryError> {
    let page: ProfilePage = serde_json::from_str(row.try_get("page")?)?;
    let deeds = match row.try_get("posts_count")? {
        Some(posts_count) => Some(Deeds {
            posts_count,
            engagement_score: row.try_get("engagement_score")?,
            interaction_frequency: row.try_get("interaction_frequency")?,
            content_quality_score: row.try_get("content_quality_score")?,
        }),
        None => None,
    };
    let follow: Option<&str> = row.try_get("follow")?;
    Ok(Person {
        email_verified: row.try_get("email_verified")?,
        counts: FollowCounts {
            user_id: page.user_id,
            follower_count: row.try_get("follower_count")?,
            following_count: row.try_get("following_count")?,
        },
        follow: follow.map(named).transpose()?,
        follows_viewer: row.try_get("follows_viewer")?,
        is_muted: row.try_get("is_muted")?,
        apart: row.try_get("apart")?,
        deeds,
        badge_points: row.try_get("badge_points")?,
        visibility: named(row.try_get("visibility")?)?,
        last_active: row.try_get("last_active")?,
        page,
    })
}

/// One of an enumeration by its wire form.
fn named<T: DeserializeOwned>(text: &str) -> Result<T, serde_json::Error> {
    T::deserialize(text.into_deserializer())
}

/// Those of these people who have a profile, in this order.
pub(super) async fn find_people(
    pool: &PgPool,
    viewer: Viewer,
    people: &[UserId],
) -> Result<Vec<Person>, QueryError> {
    let pairs: Vec<_> = people.iter().map(|person| pair(viewer, *person)).collect();
    let rows = placed(seen(&pairs).fetch_all(pool).await?, pairs.len())?;
    rows.iter().flatten().map(read_person).collect()
}

/// Reads one person at a time for many callers. Cheap to clone.
#[derive(Clone)]
pub(crate) struct PeopleReader(Gathered<Pair, Option<PgRow>>);

impl PeopleReader {
    pub(crate) fn new(pool: &PgPool) -> Self {
        // One statement at a time.
        let sessions = Arc::new(Sessions::new(pool, 1));
        Self(Gathered::new(move |pairs: Vec<Pair>| {
            let sessions = Arc::clone(&sessions);
            async move { placed(sessions.fetch_all(seen(&pairs)).await?, pairs.len()) }
        }))
    }
}

impl Queries {
    /// A person and how the viewer stands to them; what of it may be shown, the answer says. None before the profile
    /// is created.
    pub async fn find_person(&self, viewer: Viewer, person: UserId) -> Result<Option<Person>, QueryError> {
        let row = self.people.0.ask(pair(viewer, person)).await?;
        row.as_ref().map(read_person).transpose()
    }
}
