//! Writes of `user_events`.

use super::{query::UserEventRow, told};
use crate::{
    batch::Batch,
    columns::columns,
    envelope::Envelope,
    projection::{Name, Projection, ProjectionError},
    registry::USER_EVENTS,
    rows::Rows,
};
use async_trait::async_trait;
use domain::UserId;

const TABLE: Rows<UserEventRow> = Rows::of("user_events", &["position"]);

columns! {
    UserEventRow: position, event_id, user_id, session_id, own, event_type, severity, failure, target_user,
        requires_review, recorded_at, badge_id, badge_name, points;
}

pub(crate) struct UserEvents;

#[async_trait]
impl Projection for UserEvents {
    fn name(&self) -> Name {
        USER_EVENTS
    }

    fn tables(&self) -> &'static str {
        include_str!("tables.sql")
    }

    /// Ids, words of the program, times and numbers only.
    fn is_in_clear(&self) -> bool {
        false
    }

    async fn apply(&self, batch: &mut Batch<'_>, events: &[&Envelope]) -> Result<(), ProjectionError> {
        let mut rows = Vec::new();
        for envelope in events {
            let stream = UserId::from_uuid(envelope.stream_id()?);
            if let Some(told) = told(&envelope.event, stream) {
                rows.push(UserEventRow::new(&envelope.recorded, &envelope.metadata, told));
            }
        }
        TABLE.append(batch, rows)
    }
}
