//! Places outside the log that hold personal values, and their state after an erasure.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// A place that may hold values of a person in clear, or the key to what is sealed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Place {
    /// Rows and indexes of the read models, the deleted ones included.
    ReadModels,
    /// The row of the wrapped data key, its former versions included.
    KeyStore,
    /// What PostgreSQL knows of the contents of columns: frequent values, bounds of histograms.
    Statistics,
    /// PostgreSQL's own write-ahead log.
    WriteAheadLog,
    /// Mails that lie as files in the data directory.
    Outbox,
    /// Copies of the databases that somebody keeps.
    Backups,
    /// Copies of the write-ahead log: archives, and what a standby server has.
    WalCopies,
    /// Blocks that files gave up, and snapshots below the file system.
    FileSystem,
    /// Mails that went out.
    MailServers,
    /// What services published and was refused, as it came.
    RefusedDeeds,
    /// Keyed hashes of names and addresses in rows that are deleted and not yet written over.
    Claims,
}

/// What an erasure did to disks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DiskPurge {
    pub purged_at: DateTime<Utc>,
    /// Nothing of the person is there any more.
    pub clean: BTreeSet<Place>,
    /// Something of the person may still be there: beyond the program's reach, or not for its roles to remove.
    pub remaining: BTreeSet<Place>,
}
