//! One transaction: the cursors first, then each projection's rows.

use crate::{
    cursors::{self, Member},
    envelope::Envelope,
    projection::ProjectionError,
};
use bus::BusError;
use sqlx::{Connection, PgConnection};

/// What became of a batch.
pub(super) enum Applied {
    /// All is committed up to this position.
    To(i64),
    /// A projection could not take it, and this is why; nothing was written.
    Failed(String),
}

/// What ends a runner's term.
pub(super) enum Trouble {
    /// Another runner, or a rebuild, moved a cursor.
    Moved,
    Unavailable(String),
    /// An event of a newer program.
    Outdated(String),
}

impl From<sqlx::Error> for Trouble {
    fn from(error: sqlx::Error) -> Self {
        Self::Unavailable(error.to_string())
    }
}

impl From<BusError> for Trouble {
    fn from(error: BusError) -> Self {
        Self::Unavailable(error.to_string())
    }
}

/// Applies what is behind `from`: an event at or below the cursor was applied before.
pub(super) async fn apply(
    connection: &mut PgConnection,
    members: &[Member],
    from: i64,
    events: &[Envelope],
) -> Result<Applied, Trouble> {
    let known = events.iter().take_while(|event| event.recorded.position <= from).count();
    let events = events.get(known..).unwrap_or_default();
    let Some(last) = events.last() else { return Ok(Applied::To(from)) };
    let mut tx = connection.begin().await?;
    if !cursors::advance_in(&mut tx, members, from, last.recorded.position).await? {
        return Err(Trouble::Moved);
    }
    match apply_in(&mut tx, members, events).await {
        Ok(()) => {
            tx.commit().await?;
            Ok(Applied::To(last.recorded.position))
        }
        Err(error) if error.is_transient() => Err(Trouble::Unavailable(error.to_string())),
        Err(error) => {
            tx.rollback().await?;
            Ok(Applied::Failed(describe(members, events, &error)))
        }
    }
}

async fn apply_in(
    tx: &mut PgConnection,
    members: &[Member],
    events: &[Envelope],
) -> Result<(), ProjectionError> {
    for member in members {
        member.projection.apply(tx, events).await?;
    }
    Ok(())
}

/// For an operator: what is in the way, and what waits behind it. Ids only.
fn describe(members: &[Member], events: &[Envelope], error: &ProjectionError) -> String {
    let why = error.without_content();
    match (members, events) {
        ([member], [event]) => {
            let (position, kind) = (event.recorded.position, &event.recorded.event_type);
            format!("{kind} at position {position}, key {}: {why}", member.projection.key(event))
        }
        (_, [first, .., last]) => {
            format!("positions {} to {}: {why}", first.recorded.position, last.recorded.position)
        }
        _ => why,
    }
}
