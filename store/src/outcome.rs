//! The result of each command of a batch.

use crate::{
    batch::{Answer, Prepared},
    error::{AppendError, StoreError},
    recorded::Recorded,
    submission::Appended,
};
use chrono::{DateTime, Utc};
use domain::aggregate::ClaimKind;
use serde::Deserialize;

/// A row of `es.explain_losers`.
#[derive(Deserialize)]
#[serde(tag = "why", rename_all = "snake_case")]
enum Lost {
    Replay { cmd: usize, same: bool, receipt: String, position: i64 },
    Done { cmd: usize, position: i64, at: DateTime<Utc> },
    Version { cmd: usize, r#type: String, id: String, version: i64 },
    Claim { cmd: usize, kind: ClaimKind },
}

impl Lost {
    const fn cmd(&self) -> usize {
        match self {
            Self::Replay { cmd, .. }
            | Self::Done { cmd, .. }
            | Self::Version { cmd, .. }
            | Self::Claim { cmd, .. } => *cmd,
        }
    }

    fn outcome(self) -> Outcome {
        match self {
            Self::Replay { same: true, receipt, position, .. } => {
                Ok(Appended { position, recorded_at: None, replayed: Some(receipt) })
            }
            Self::Replay { .. } => Err(AppendError::KeyReused),
            Self::Done { position, at, .. } => {
                Ok(Appended { position, recorded_at: Some(at), replayed: None })
            }
            Self::Version { r#type, id, version, .. } => {
                Err(AppendError::Version { aggregate_type: r#type, aggregate_id: id, version })
            }
            Self::Claim { kind, .. } => Err(AppendError::Claimed(kind)),
        }
    }
}

/// The result that the caller of a command gets.
pub(crate) type Outcome = Result<Appended, AppendError>;

/// The outcome of each command, in order, and the rows that were appended.
pub(crate) fn outcomes(
    batch: &[&Prepared],
    answer: &Answer,
) -> Result<(Vec<Outcome>, Vec<Recorded>), StoreError> {
    let mut lost: Vec<Option<Lost>> = batch.iter().map(|_| None).collect();
    if let Some(losers) = &answer.losers {
        let unreadable = |e| StoreError::Corrupt(format!("es.append answered what cannot be read: {e}"));
        for loser in serde_json::from_str::<Vec<Lost>>(losers).map_err(unreadable)? {
            let cmd = loser.cmd();
            lost[cmd] = Some(loser);
        }
    }
    let mut position = answer.base;
    let mut recorded = Vec::new();
    let mut outcomes = Vec::with_capacity(batch.len());
    for (command, lost) in batch.iter().zip(lost) {
        outcomes.push(match lost {
            Some(lost) => lost.outcome(),
            None => {
                command.recorded(position + 1, answer.at, &mut recorded);
                position = recorded.last().map_or(answer.base, |event| event.position);
                Ok(Appended { position, recorded_at: Some(answer.at), replayed: None })
            }
        });
    }
    Ok((outcomes, recorded))
}
