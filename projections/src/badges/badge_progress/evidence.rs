//! Why somebody has a badge: what happened to the award, and the events that earned it, straight from the log.

use crate::{
    queries::{Queries, QueryError},
    user_events::{EventWord, told},
};
use chrono::{DateTime, Utc};
use domain::{
    AwardId, BadgeId, EventId, UserId,
    award::{AwardEvent, Awarder},
    badge::criteria::Progress,
};
use store::Reader;

/// Events of one award that are read: it is given and taken away by hand, and seldom.
const HISTORY: i64 = 1_000;

/// An award explained.
#[derive(Clone, Debug, PartialEq)]
pub struct Evidence {
    pub award: AwardId,
    pub user: UserId,
    pub badge: BadgeId,
    /// Of the badge's criterion.
    pub version: u32,
    pub name: String,
    pub points: u32,
    pub awarded_by: Awarder,
    pub defined_at: DateTime<Utc>,
    pub earned_at: DateTime<Utc>,
    pub awarded_at: DateTime<Utc>,
    pub completed_by: Option<u64>,
    /// How many events made it so, of which the last are among [`Self::events`].
    pub total: u64,
    pub progress: Option<Progress>,
    pub events: Vec<Witness>,
    pub history: Vec<Turn>,
}

/// An event that counted. Whose it was is not told: it may be another's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Witness {
    pub position: i64,
    pub event_id: EventId,
    pub aggregate: String,
    pub event_type: String,
    pub recorded_at: DateTime<Utc>,
    /// In the words that clients know.
    pub word: Option<EventWord>,
}

/// Something that happened to the award.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Turn {
    pub position: i64,
    pub event_type: String,
    pub recorded_at: DateTime<Utc>,
}

impl Queries {
    /// An award and the events that earned it; none if it was never given.
    pub async fn find_evidence(&self, award: AwardId) -> Result<Option<Evidence>, QueryError> {
        find(&self.reader, award).await
    }
}

/// The latest award explained.
async fn find(reader: &Reader, award: AwardId) -> Result<Option<Evidence>, QueryError> {
    let recorded = reader.stream("award", &award.to_string(), 0, HISTORY).await?;
    let mut history = Vec::with_capacity(recorded.len());
    let mut latest = None;
    for event in &recorded {
        let (position, recorded_at) = (event.position, event.recorded_at);
        history.push(Turn { position, event_type: event.event_type.clone(), recorded_at });
        let decoded = event.decode().map_err(store::StoreError::from)?;
        if let Some(AwardEvent::BadgeAwarded(awarded)) = decoded.award() {
            latest = Some(awarded.clone());
        }
    }
    let Some(awarded) = latest else { return Ok(None) };
    let positions: Vec<i64> =
        awarded.evidence.iter().filter_map(|position| i64::try_from(*position).ok()).collect();
    let mut events = Vec::with_capacity(positions.len());
    for event in reader.at(&positions).await? {
        let decoded = event.decode().map_err(store::StoreError::from)?;
        let stream = event.aggregate_id.parse().map(UserId::from_uuid).unwrap_or_default();
        events.push(Witness {
            position: event.position,
            event_id: event.event_id,
            recorded_at: event.recorded_at,
            word: told(&decoded, stream).map(|told| told.word),
            aggregate: event.aggregate_type,
            event_type: event.event_type,
        });
    }
    Ok(Some(Evidence {
        award,
        user: awarded.user,
        badge: awarded.badge,
        version: awarded.badge_version,
        name: awarded.name,
        points: awarded.points,
        awarded_by: awarded.awarded_by,
        defined_at: awarded.defined_at,
        earned_at: awarded.earned_at,
        awarded_at: awarded.awarded_at,
        completed_by: awarded.completed_by,
        total: awarded.evidence_total,
        progress: awarded.progress,
        events,
        history,
    }))
}
