//! A batch of events, and the cursors' move: both or neither.

use crate::{
    batch::Batch,
    cursors::{Member, Move},
    envelope::Envelope,
    projection::{self, ProjectionError},
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
    let cursors = Move { members, from, to: last.recorded.position };
    let applied = match at_once(connection, &cursors, events).await {
        // Nothing was written so far, so that the whole batch can be applied again in a transaction.
        Err(ProjectionError::NotBegun) => in_transaction(connection, &cursors, events).await,
        applied => applied,
    };
    match applied {
        Ok(true) => Ok(Applied::To(last.recorded.position)),
        // Another runner or a swap was faster: what was read here is stale, and nothing was written.
        Ok(false) => Err(Trouble::Moved),
        Err(error) if error.is_transient() => Err(Trouble::Unavailable(error.to_string())),
        Err(error) => Ok(Applied::Failed(describe(members, events, &error))),
    }
}

/// What is read holds as long as the cursors do, and all is written in one statement together with their move.
async fn at_once(
    connection: &mut PgConnection,
    cursors: &Move<'_>,
    events: &[Envelope],
) -> Result<bool, ProjectionError> {
    let mut batch = Batch::at_once(connection, cursors.from, cursors.to);
    apply_to(&mut batch, cursors.members, events).await?;
    batch.write_and_move(cursors).await
}

/// The cursors first: whoever else wants to move one of them waits, and a swap of generations is either before or after.
async fn in_transaction(
    connection: &mut PgConnection,
    cursors: &Move<'_>,
    events: &[Envelope],
) -> Result<bool, ProjectionError> {
    let mut tx = connection.begin().await?;
    if !Batch::begun(&mut tx, cursors.from, cursors.to).write_and_move(cursors).await? {
        return Ok(false);
    }
    let mut batch = Batch::begun(&mut tx, cursors.from, cursors.to);
    apply_to(&mut batch, cursors.members, events).await?;
    batch.write().await?;
    tx.commit().await?;
    Ok(true)
}

async fn apply_to(
    batch: &mut Batch<'_>,
    members: &[Member],
    events: &[Envelope],
) -> Result<(), ProjectionError> {
    for member in members {
        projection::apply(&*member.projection, batch, events).await?;
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
