//! Errors between the log and its readers.

use store::StoreError;
use thiserror::Error;

/// All of these may pass: whoever gets one tries again, a follower from where it is.
#[derive(Debug, Error)]
pub enum BusError {
    /// The configured URL cannot be read; only [`crate::Bus::connect`] says so.
    #[error("the NATS URL is not valid")]
    Url(#[source] std::io::Error),
    /// NATS did not do what it was asked.
    #[error("NATS: cannot {doing}")]
    Nats { doing: &'static str, source: Box<dyn std::error::Error + Send + Sync> },
    /// The connection to NATS was lost or made anew.
    #[error("the connection to NATS changed")]
    Reconnected,
    /// The stream is not one that this log may be published to.
    #[error("{0}")]
    Refused(String),
    /// The log could not be read.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl BusError {
    /// For `map_err`: a failure of NATS, with what was being done.
    pub(crate) fn nats<E: std::error::Error + Send + Sync + 'static>(
        doing: &'static str,
    ) -> impl FnOnce(E) -> Self {
        move |source| Self::Nats { doing, source: Box::new(source) }
    }
}

impl From<sqlx::Error> for BusError {
    fn from(error: sqlx::Error) -> Self {
        Self::Store(StoreError::Unavailable(error))
    }
}
