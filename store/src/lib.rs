//! The event log in PostgreSQL: append, ordered reader, claims, keys, secrets, idempotency.
//!
//! Only this crate inserts events, and only with `es.append` (`migrations/0016_two_index_keys.sql`).
//! It knows no transport and runs no command: see `commands` for that, and `bus` for publishing.
//! Start reading at [`Store`], then [`submission`] (the input) and [`recorded`] (the output).

mod batch;
mod buckets;
mod cache;
mod claims;
mod committer;
mod connect;
mod disk;
mod error;
mod grants;
mod keys;
mod lanes;
mod lease;
mod load;
mod master_keys;
mod metadata;
mod outcome;
mod prepare;
mod reader;
pub mod recorded;
mod rekey;
mod seal;
mod secrets;
mod server_keys;
mod sessions;
mod store;
pub mod submission;

pub use buckets::{Limit, Permit};
pub use connect::{migrate, migrate_keys, pool_options};
pub use disk::{Maintainer, Step};
pub use error::{AppendError, StoreError};
pub use grants::{grant_keys, grant_log, grant_reader};
pub use keys::{CACHED_FOR as KEY_CACHED_FOR, DataKey, KeyRing};
pub use lanes::Lanes;
pub use lease::Lease;
pub use load::Loaded;
pub use metadata::Metadata;
pub use reader::Reader;
pub use recorded::{LogId, Recorded};
pub use rekey::Rekeyed;
pub use seal::Opener;
pub use server_keys::{OtherKeys, ServerKeys};
pub use sessions::Sessions;
pub use store::{Store, StoreOptions};
pub use submission::{
    Appended, ClaimChange, IdempotencyKey, NewEvent, SecretChange, StreamRef, StreamWrite, Submission,
};
