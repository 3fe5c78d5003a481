//! Moves claims from under the other index key under the present one.
//!
//! The table knows no values, so that the log is read: each event that takes a value tells it. Nodes go on meanwhile:
//! they guard both keys, write under the present one and release under both. Events of erased people cannot be read
//! and need not be, since their claims are released.

use crate::{claims::key_of, error::StoreError, recorded::Recorded, store::Store};
use domain::{AnyEvent, ClaimKind, user::named_address};
use sqlx::Row;
use uuid::Uuid;

/// Events that are looked at before the log is held up, for a moment, to move their claims.
const BATCH: i64 = 500;

/// How far the work is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rekeyed {
    pub position: i64,
    pub head: i64,
    /// In this batch.
    pub moved: i64,
}

impl Store {
    /// Moves the claims of the next events; begins where the last call, also of another process, ended. Done when
    /// `position` is `head`. None: there is only one index key.
    ///
    /// # Errors
    /// If the databases cannot be reached, or an event cannot be read.
    pub async fn rekey_claims(&self) -> Result<Option<Rekeyed>, StoreError> {
        let Some(pair) = self.index().pair() else { return Ok(None) };
        let known = sqlx::query("SELECT position FROM es.rekeying WHERE keys = $1").bind(&pair);
        let known = known.fetch_optional(self.pool()).await?;
        let from: i64 = known.map_or(0, |row| row.get("position"));
        let (head, events) = (self.reader().head().await?, self.reader().after(from, BATCH).await?);
        let position = events.last().map_or(from, |event| event.position);
        let (mut former, mut present) = (Vec::new(), Vec::new());
        for event in &events {
            let owner = Uuid::parse_str(&event.aggregate_id).unwrap_or_default();
            for (kind, value) in self.claims_of(event).await? {
                let (other, own) = (self.index().other_claim(kind, &value), self.index().claim(kind, &value));
                former.extend(other.map(|key| key_of(kind, key, owner)));
                present.push(key_of(kind, own, owner));
            }
        }
        let moved: i64 = sqlx::query_scalar("SELECT es.move_claims($1, $2, $3, $4)")
            .bind(&former)
            .bind(&present)
            .bind(&pair)
            .bind(position)
            .fetch_one(self.pool())
            .await?;
        Ok(Some(Rekeyed { position, head: head.max(position), moved }))
    }

    /// What an event takes, of whichever aggregate it is.
    async fn claims_of(&self, event: &Recorded) -> Result<Vec<(ClaimKind, String)>, StoreError> {
        let opened = self.opener().open(event).await?;
        let decoded =
            AnyEvent::decode(&event.aggregate_type, &event.event_type, &event.event_version, &opened)?;
        let address = decoded.user().and_then(named_address);
        let awaited = address.map(|address| (ClaimKind::AwaitedEmail, address));
        Ok(decoded.claims().into_iter().chain(awaited).collect())
    }
}
