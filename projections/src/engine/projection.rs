//! What a read model is to the runner: tables, and a batch of events applied to them.

use crate::{batch::Batch, envelope::Envelope, registry};
use async_trait::async_trait;
use thiserror::Error;

/// A projection's name; its live tables are in the schema `p_<name>`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Name(&'static str);

impl Name {
    pub(crate) const fn new(name: &'static str) -> Self {
        Self(name)
    }

    pub const fn as_str(self) -> &'static str {
        self.0
    }
}

impl std::fmt::Display for Name {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.0)
    }
}

/// A batch could not be applied; nothing of it was written.
#[derive(Debug, Error)]
pub(crate) enum ProjectionError {
    #[error(transparent)]
    Database(#[from] sqlx::Error),
    #[error("a row does not fit its table: {0}")]
    Row(serde_json::Error),
    #[error("{0}")]
    Event(String),
    #[error("it is to be applied in a transaction")]
    NotBegun,
}

impl ProjectionError {
    /// The database is at fault, not the projection: the same batch may pass later.
    pub(crate) fn is_transient(&self) -> bool {
        match self {
            Self::Database(sqlx::Error::Database(error)) => {
                error.code().is_some_and(|code| is_transient_code(&code))
            }
            Self::Database(_) => true,
            Self::Row(_) | Self::Event(_) | Self::NotBegun => false,
        }
    }

    /// For cursors and logs, which hold no personal data: a database's own words may quote a value.
    pub(crate) fn without_content(&self) -> String {
        match self {
            Self::Database(sqlx::Error::Database(error)) => {
                let code = error.code().unwrap_or_default();
                let of = [error.table(), error.constraint()].into_iter().flatten();
                of.fold(format!("PostgreSQL refuses with {code}"), |text, name| format!("{text}, {name}"))
            }
            Self::Database(_) => "PostgreSQL does not answer".to_owned(),
            Self::Row(error) => format!("a row does not fit its table ({:?} error)", error.classify()),
            Self::Event(text) => text.clone(),
            Self::NotBegun => self.to_string(),
        }
    }
}

/// Connection, resources, operator, rollback (deadlock), and read-only (a demoted primary). A statement that took too
/// long (57014) or a lock that was not to be had is the projection's own trouble: the others go on.
fn is_transient_code(code: &str) -> bool {
    let class = ["08", "53", "57", "40"].iter().any(|class| code.starts_with(class));
    (class && code != "57014") || code == "25006"
}

/// Events into tables, and nothing else: no clock, no randomness, no effect (invariant 6).
#[async_trait]
pub(crate) trait Projection: Send + Sync {
    fn name(&self) -> Name;

    /// Creates the tables, unqualified; a table's name is its projection's alone.
    fn tables(&self) -> &'static str;

    /// Whether rows hold anything of a person in clear, which an erasure has to take off the disk.
    fn is_in_clear(&self) -> bool {
        true
    }

    /// What must stay in order: a later event never overtakes an earlier one of the same key.
    fn key(&self, event: &Envelope) -> String {
        format!("{}:{}", event.recorded.aggregate_type, event.recorded.aggregate_id)
    }

    /// Applies events in order, of those aggregates that the registry says it reads. Names resolve to the generation
    /// that is being written.
    async fn apply(&self, batch: &mut Batch<'_>, events: &[&Envelope]) -> Result<(), ProjectionError>;
}

/// Gives a projection those events of a batch that it reads, also if there are none.
pub(crate) async fn apply(
    projection: &dyn Projection,
    batch: &mut Batch<'_>,
    events: &[Envelope],
) -> Result<(), ProjectionError> {
    let name = projection.name();
    let reads = |envelope: &&Envelope| registry::readers(envelope.event.aggregate()).contains(&name);
    projection.apply(batch, &events.iter().filter(reads).collect::<Vec<_>>()).await
}
