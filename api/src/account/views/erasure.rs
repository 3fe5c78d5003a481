//! The state of a request to delete an account.

use chrono::{DateTime, Utc};
use domain::{
    UserId,
    user::{DeletionBy, DiskPurge, Place, User},
};
use projections::erasures::query::Erasure;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// A deletion that was asked for.
#[derive(Debug, Serialize, ToSchema)]
pub struct DeletionView {
    pub user_id: Uuid,
    pub requested_at: DateTime<Utc>,
    /// Until then it can be taken back: by its owner with `cancel_deletion` at the login, or by staff.
    pub erase_after: DateTime<Utc>,
    #[schema(example = "The account is closed and will be erased")]
    pub message: &'static str,
}

impl DeletionView {
    /// None if nobody asked.
    pub fn of(user_id: UserId, user: &User) -> Option<Self> {
        let pending = user.deletion?;
        Some(Self {
            user_id: user_id.uuid(),
            requested_at: pending.requested_at,
            erase_after: pending.erase_after,
            message: "The account is closed and will be erased",
        })
    }
}

/// The state of a deletion, and the certificate once the person is erased (C-39).
#[derive(Debug, Serialize, ToSchema)]
pub struct ErasureView {
    pub user_id: Uuid,
    /// `requested`, `cancelled`, `erased` (names and addresses are free, the read models have forgotten), `certified`
    /// (the data key is destroyed: nothing personal in the log can be read any more).
    #[schema(example = "certified")]
    pub status: &'static str,
    /// `owner` or `staff`.
    #[schema(value_type = String, example = "owner")]
    pub requested_by: DeletionBy,
    pub requested_at: DateTime<Utc>,
    pub erase_after: DateTime<Utc>,
    pub cancelled_at: Option<DateTime<Utc>>,
    pub erased_at: Option<DateTime<Utc>>,
    /// Of the erasure in the log.
    pub position: Option<i64>,
    /// When the data key was destroyed.
    pub destroyed_at: Option<DateTime<Utc>>,
    /// First horizon: no running node holds the key in memory after it.
    pub live_until: Option<DateTime<Utc>>,
    /// Second horizon: no backup of the key store holds the key after it.
    pub backups_until: Option<DateTime<Utc>>,
    pub certified_at: Option<DateTime<Utc>>,
    /// What became of the disks; absent where the program that certified looked at the key only.
    pub disk: Option<DiskView>,
}

/// What an erasure did to disks.
#[derive(Debug, Serialize, ToSchema)]
pub struct DiskView {
    pub purged_at: DateTime<Utc>,
    /// Nothing of the person is in these places any more.
    #[schema(example = json!(["key_store", "outbox", "read_models", "statistics", "write_ahead_log"]))]
    pub clean: Vec<&'static str>,
    /// Where something of the person may still be, and until when or why.
    pub remaining: Vec<RemainingView>,
}

/// A place that is beyond the program's reach, or that its roles may not purge.
#[derive(Debug, Serialize, ToSchema)]
pub struct RemainingView {
    #[schema(example = "backups")]
    pub place: &'static str,
    #[schema(
        example = "Copies of the databases that you keep: the key store's are to be gone by backups_until, and those \
                        of the event log are to leave out the schemas p_*."
    )]
    pub meaning: &'static str,
}

impl From<DiskPurge> for DiskView {
    fn from(purge: DiskPurge) -> Self {
        Self {
            purged_at: purge.purged_at,
            clean: purge.clean.into_iter().map(|place| told(place).0).collect(),
            remaining: purge
                .remaining
                .into_iter()
                .map(|place| {
                    let (place, meaning) = told(place);
                    RemainingView { place, meaning }
                })
                .collect(),
        }
    }
}

/// The word for a place, and what it means that something may be left there.
const fn told(place: Place) -> (&'static str, &'static str) {
    match place {
        Place::ReadModels => {
            ("read_models", "Deleted rows of the schemas p_* in clear, until PostgreSQL writes over them.")
        }
        Place::KeyStore => (
            "key_store",
            "The deleted row of the wrapped data key, until PostgreSQL writes over it: whoever has it and the master key reads what was sealed.",
        ),
        Place::Statistics => (
            "statistics",
            "Samples of columns in pg_statistic: the program's role may not rewrite that table. The next ANALYZE replaces them.",
        ),
        Place::WriteAheadLog => (
            "write_ahead_log",
            "Files in pg_wal, until PostgreSQL writes over them: the program's role may not pass through them, or something keeps them.",
        ),
        Place::Outbox => (
            "outbox",
            "Mails as files in the data directories of other nodes, also from before mails were sent.",
        ),
        Place::Backups => (
            "backups",
            "Copies of the databases that you keep: the key store's are to be gone by backups_until, and those of the event log are to leave out the schemas p_*.",
        ),
        Place::WalCopies => (
            "wal_copies",
            "Archived files of the write-ahead log, and standby servers: they hold what the database held.",
        ),
        Place::FileSystem => (
            "file_system",
            "Blocks of files that were removed, snapshots of the file system, and spare cells of the disk.",
        ),
        Place::MailServers => ("mail_servers", "Mails that went out, on servers and in mailboxes."),
        Place::RefusedDeeds => (
            "refused_deeds",
            "What services published about the person and was refused, as it came: 14 days in the stream of refused messages.",
        ),
        Place::Claims => (
            "claims",
            "Keyed hashes of the names and addresses in deleted rows of es.claims, until PostgreSQL writes over them: whoever has the index key can try guesses.",
        ),
    }
}

impl From<Erasure> for ErasureView {
    fn from(row: Erasure) -> Self {
        let status = match (row.certified_at, row.erased_at, row.cancelled_at) {
            (Some(_), ..) => "certified",
            (None, Some(_), _) => "erased",
            (None, None, Some(_)) => "cancelled",
            (None, None, None) => "requested",
        };
        Self {
            user_id: row.user_id.uuid(),
            status,
            requested_by: row.requested_by,
            requested_at: row.requested_at,
            erase_after: row.erase_after,
            cancelled_at: row.cancelled_at,
            erased_at: row.erased_at,
            position: row.position,
            destroyed_at: row.destroyed_at,
            live_until: row.live_until,
            backups_until: row.backups_until,
            certified_at: row.certified_at,
            disk: row.disk.map(DiskView::from),
        }
    }
}
