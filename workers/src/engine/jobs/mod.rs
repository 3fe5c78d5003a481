//! The queue: what is to be done, by whom it is being done, and how it ended.
//!
//! A job is done at least once: after a crash its lease runs out and it is taken again, so handlers make repeats
//! recognisable. Rows and logs hold ids and codes, never personal data.
//! Look next at [`queue`] (the table), [`worker`] (the loop) and [`operate`] (what operators do).

mod backoff;
mod operate;
mod queue;
mod worker;

pub use backoff::Tuning;
pub use operate::{Counts, Jobs, ParkedJob};
pub use queue::Queue;
pub(crate) use queue::{QueuedJob, Step};
pub use worker::Worker;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use domain::DecodeError;
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::{borrow::Cow, fmt, str::FromStr, time::Duration};
use store::StoreError;
use uuid::Uuid;

/// Namespace of job ids. **Frozen**: a repeated job is recognised by its id.
const NAMESPACE: Uuid = Uuid::from_u128(0x9d0c_3f4e_6b1a_5c77_8e25_0b1f_d49a_63c2);

/// A job's id, derived from what caused it and what it is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct JobId(Uuid);

impl JobId {
    pub const fn from_uuid(id: Uuid) -> Self {
        Self(id)
    }

    /// The id of the one job of this reactor about this target because of this source.
    pub fn of(reactor: &str, source: &str, target: &str) -> Self {
        Self(Uuid::new_v5(&NAMESPACE, format!("{reactor}\n{source}\n{target}").as_bytes()))
    }

    pub const fn uuid(self) -> Uuid {
        self.0
    }
}

impl fmt::Display for JobId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for JobId {
    type Err = uuid::Error;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Uuid::parse_str(text).map(Self)
    }
}

/// Work that a reactor asks for. The event that caused it is added by the runner.
#[derive(Clone, Debug, PartialEq)]
pub struct NewJob {
    /// [`Handler::kind`] of the handler that does it.
    pub kind: &'static str,
    /// The id of what it is about; one job per reactor, event and target.
    pub target: String,
    /// Ids only: neither personal data nor secrets may enter the table.
    pub payload: Value,
    /// None: at once.
    pub not_before: Option<DateTime<Utc>>,
}

/// A job in the hands of a worker.
#[derive(Clone, Debug)]
pub struct Job {
    pub id: JobId,
    pub kind: String,
    pub payload: Value,
    /// 1 for the first try.
    pub attempt: u32,
    lease: i64,
}

impl Job {
    /// The payload as its handler knows it; one that does not fit is a defect and parks the job.
    pub fn payload<T: DeserializeOwned>(&self) -> Result<T, JobError> {
        T::deserialize(&self.payload).map_err(|_| JobError::permanent("payload-malformed"))
    }
}

/// Does the jobs of one kind.
#[async_trait]
pub trait Handler: Send + Sync + 'static {
    /// Snake case, stable: it is stored.
    fn kind(&self) -> &'static str;

    /// Does it, or finds that it need not be done any more. The result is a code for operators: `sent`, `expired`.
    /// It may be dropped at any `.await` and run again; it must bound every wait.
    async fn run(&self, job: &Job) -> Result<&'static str, JobError>;
}

/// Why a job was not done. Codes are kebab case and hold nothing of the payload.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum JobError {
    /// Try again: after the given time, else after the usual one.
    #[error("{code}, to be tried again")]
    Retry { after: Option<Duration>, code: Cow<'static, str> },
    /// Trying again changes nothing: park it for an operator.
    #[error("{code}")]
    Permanent { code: Cow<'static, str> },
}

impl JobError {
    pub fn retry(code: impl Into<Cow<'static, str>>) -> Self {
        Self::Retry { after: None, code: code.into() }
    }

    pub fn permanent(code: impl Into<Cow<'static, str>>) -> Self {
        Self::Permanent { code: code.into() }
    }
}

/// An event of a newer binary is retried: after the upgrade this node, or before it another one, can read it.
impl From<StoreError> for JobError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Unavailable(_) => Self::retry("store-unavailable"),
            StoreError::Decode(DecodeError::Unknown { .. }) => Self::retry("event-unknown"),
            StoreError::Decode(DecodeError::Malformed { .. }) => Self::permanent("event-malformed"),
            StoreError::Erased(_) => Self::permanent("erased"),
            StoreError::Corrupt(_) | StoreError::Refused(_) | StoreError::Migrate(_) => {
                Self::permanent("store-inconsistent")
            }
        }
    }
}
