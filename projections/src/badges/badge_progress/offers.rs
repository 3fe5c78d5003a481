//! The definitions that are asked about, as the events so far have made them.

use super::rows::CRITERIA;
use crate::{batch::Batch, projection::ProjectionError};
use chrono::{DateTime, Utc};
use domain::{
    BadgeId,
    badge::{
        Availability, Badge, BadgeEvent, BadgeStatus,
        criteria::{Criterion, Index},
    },
};
use serde::Deserialize;
use std::collections::BTreeMap;

/// A row of `badge_criteria`.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub(super) struct OfferRow {
    pub badge_id: BadgeId,
    pub version: u32,
    pub active: bool,
    pub criteria: Option<Criterion>,
    pub available_from: Option<DateTime<Utc>>,
    pub available_until: Option<DateTime<Utc>>,
}

impl OfferRow {
    pub const fn availability(&self) -> Availability {
        Availability { from: self.available_from, until: self.available_until }
    }
}

/// All definitions, and an index over the active ones.
#[derive(Clone, Debug, Default)]
pub(super) struct Offers {
    rows: BTreeMap<BadgeId, OfferRow>,
    index: Index,
}

impl Offers {
    pub async fn load(batch: &mut Batch<'_>) -> Result<Self, ProjectionError> {
        let mut offers = Self::default();
        CRITERIA.load_all(batch).await?.into_iter().for_each(|row| offers.put(row));
        Ok(offers)
    }

    pub const fn index(&self) -> &Index {
        &self.index
    }

    pub fn get(&self, badge: BadgeId) -> Option<&OfferRow> {
        self.rows.get(&badge)
    }

    fn put(&mut self, row: OfferRow) {
        match &row.criteria {
            Some(criterion) if row.active => self.index.insert(row.badge_id, criterion.clone()),
            Some(_) | None => drop(self.index.remove(row.badge_id)),
        }
        self.rows.insert(row.badge_id, row);
    }

    /// A definition changes. The row as it is now.
    pub fn evolve(&mut self, badge_id: BadgeId, event: &BadgeEvent) -> Result<OfferRow, ProjectionError> {
        let before = match (self.rows.remove(&badge_id), event) {
            (None, BadgeEvent::BadgeDefined(_)) => Badge::default(),
            (Some(row), _) => Badge::of_criterion(
                if row.active { BadgeStatus::Active } else { BadgeStatus::Retired },
                row.version,
                (row.criteria.clone(), row.availability()),
            ),
            (None, _) => {
                return Err(ProjectionError::Event(format!("badge {badge_id} was never defined")));
            }
        };
        let now = before.after(event);
        let row = OfferRow {
            badge_id,
            version: now.version,
            active: now.status == Some(BadgeStatus::Active),
            criteria: now.details.criteria,
            available_from: now.details.available_from,
            available_until: now.details.available_until,
        };
        self.put(row.clone());
        Ok(row)
    }
}
