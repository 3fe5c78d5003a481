//! What an account may do and what has happened to it: aggregates, command *types*, events, values.
//!
//! This crate decides; `commands` executes (loads, checks authority, appends).
//! Everything here is pure: no I/O, no clock, no randomness; time, ids and facts are fields of commands.
//!
//! To add an event, see `docs/adding/event.md`; to add a command, `docs/adding/command.md`.

pub mod access_log;
pub mod activity;
pub mod aggregate;
pub mod api_key;
pub mod award;
pub mod badge;
pub mod calendar;
pub mod catalogue;
pub mod challenge;
pub mod decode;
pub mod follow;
pub mod ids;
pub mod inbox;
pub mod ledger;
pub mod personal;
pub mod profile;
pub mod refusal;
pub mod session;
pub mod settings;
pub mod sign_in;
pub mod user;
pub mod values;

pub use aggregate::{ClaimKind, CommandSet, Consequence, Decide, EventKind, EventSet, EventSourced};
pub use catalogue::AnyEvent;
pub use decode::DecodeError;
pub use ids::{
    AccessLogId, ActivityId, ApiKeyId, AwardId, BadgeId, BlockId, CalendarId, ChallengeId, DeedId, EntryId,
    EventId, FollowId, HoldId, MuteId, ObjectId, PairId, SecretId, SessionId, SignInId, SourceId, Subject,
    UserId,
};
pub use personal::Personal;
pub use refusal::BusinessError;

#[cfg(test)]
mod fixtures;
#[cfg(test)]
mod properties;
#[cfg(test)]
mod samples;
