//! Things that a person owns, as they read them: one row per thing, which holds the state that its events made.
//!
//! A table of them has the columns of [`OwnedRow`]; its projection applies events by [`apply`], whatever the thing is.

use crate::{
    batch::Batch,
    columns::Columns,
    envelope::Envelope,
    page::{COUNTED_TO, Page},
    paging::{By, Paging, Turn},
    projection::{Name, ProjectionError},
    queries::{Queries, QueryError},
    rows::{self, Rows},
};
use chrono::{DateTime, Utc};
use domain::{AnyEvent, UserId, owned::Owned};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use sqlx::{QueryBuilder, Row};
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// A kind of things that has a read model.
pub trait OwnedModel: Owned + Serialize + DeserializeOwned {
    /// Of its projection, and of the table.
    const NAME: Name;

    fn event_of(event: &AnyEvent) -> Option<&Self::Event>;
}

/// A thing, also one that was removed: of that only ids and times are left.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OwnedRow<A> {
    pub id: Uuid,
    pub user_id: UserId,
    pub added_at: DateTime<Utc>,
    pub removed_at: Option<DateTime<Utc>>,
    pub version: i64,
    pub state: A,
}

/// What must stay in order: everything of one person.
pub(crate) fn key<A: OwnedModel>(event: &Envelope) -> String {
    let owner = A::event_of(&event.event).map(|event| A::owner_of(event).to_string());
    owner.unwrap_or_else(|| event.recorded.aggregate_id.clone())
}

pub(crate) async fn apply<A: OwnedModel>(
    batch: &mut Batch<'_>,
    events: &[&Envelope],
    table: &Rows<OwnedRow<A>>,
) -> Result<(), ProjectionError>
where
    OwnedRow<A>: Columns,
{
    let mut touched = BTreeSet::new();
    for envelope in events.iter().filter(|envelope| A::event_of(&envelope.event).is_some()) {
        touched.insert(envelope.stream_id()?);
    }
    let known = table.load(batch, &touched).await?;
    let mut things: BTreeMap<Uuid, OwnedRow<A>> = known.into_iter().map(|row| (row.id, row)).collect();
    for envelope in events {
        evolve(&mut things, envelope)?;
    }
    table.purge(batch, events).await?;
    table.store(batch, things.into_values())
}

fn evolve<A: OwnedModel>(
    things: &mut BTreeMap<Uuid, OwnedRow<A>>,
    envelope: &Envelope,
) -> Result<(), ProjectionError> {
    if let Some(erased) = envelope.erased() {
        things.retain(|_, thing| thing.user_id.uuid() != erased);
    }
    let Some(event) = A::event_of(&envelope.event) else { return Ok(()) };
    let id = envelope.stream_id()?;
    let (version, user_id) = (envelope.recorded.sequence, A::owner_of(event));
    let mut state = match things.remove(&id) {
        Some(row) => row.state,
        None if version == 1 => A::default(),
        // The things of an erased person are gone, and what comes after concerns nobody.
        None => return Ok(()),
    };
    state.apply(event.clone());
    let (added_at, removed_at) = (state.standing().added_at, state.standing().removed_at);
    things.insert(id, OwnedRow { id, user_id, added_at, removed_at, version, state });
    Ok(())
}

impl Queries {
    /// One of a person's things of a kind.
    pub async fn find_owned<A: OwnedModel>(
        &self,
        user: UserId,
        id: Uuid,
    ) -> Result<Option<OwnedRow<A>>, QueryError> {
        let table = A::NAME;
        let sql = format!("SELECT row_to_json(t)::text FROM {table} t WHERE id = $1 AND removed_at IS NULL");
        let row: Option<OwnedRow<A>> = rows::find(&self.pool, &sql, id).await?;
        Ok(row.filter(|row| row.user_id == user))
    }

    /// A person's things of a kind, newest first.
    pub async fn list_owned<A: OwnedModel>(
        &self,
        user: UserId,
        page: Paging<DateTime<Utc>>,
    ) -> Result<Page<OwnedRow<A>, Turn<DateTime<Utc>>>, QueryError> {
        let table = A::NAME;
        let count = format!(
            "SELECT count(*) AS n FROM (SELECT 1 FROM {table} WHERE user_id = $1 AND removed_at IS NULL LIMIT $2) AS counted"
        );
        let counted =
            sqlx::query(&count).bind(user.uuid()).bind(COUNTED_TO + 1).fetch_one(&self.pool).await?;
        let mut sql =
            QueryBuilder::new(format!("SELECT row_to_json(t)::text FROM {table} t WHERE user_id = "));
        sql.push_bind(user.uuid()).push(" AND removed_at IS NULL");
        page.push_to(&mut sql, By { key: &["added_at"], id: "id" });
        let rows = rows::parse(sql.build_query_scalar().fetch_all(&self.pool).await?)?;
        Ok(page.page(counted.get("n"), rows, |row: &OwnedRow<A>| (row.added_at, row.id)))
    }
}
