//! The domain: aggregates, command *types* with their decisions, events, and values.
//!
//! This crate decides; `commands` executes (loads, checks authority, appends).
//! Everything is pure: no I/O, no clock, no randomness. Time, ids and facts are fields of commands.
//!
//! Each folder is an area, with the same name in every crate. [`engine`](aggregate) has the parts of every aggregate.
//!
//! To add an event, see `docs/adding/event.md`; to add a command, `docs/adding/command.md`.

mod account;
mod audit;
mod badges;
mod deeds;
mod engine;
mod notices;
mod people;
mod portfolio;
mod social;
pub mod values;
mod wallet;

pub use account::{api_key, challenge, session, sign_in, user};
pub use audit::access_log;
pub use badges::{award, badge};
pub use deeds::{activity, calendar};
pub use engine::{aggregate, catalogue, decode, fields, ids, owned, personal, refusal};
pub use notices::inbox;
pub use people::{profile, settings};
pub use portfolio::skill;
pub use social::follow;
pub use wallet::ledger;

pub use aggregate::{ClaimKind, CommandSet, Consequence, Decide, EventKind, EventSet, EventSourced};
pub use catalogue::{AggregateKind, AnyEvent};
pub use decode::DecodeError;
pub use fields::{Change, Patch};
pub use ids::{
    AccessLogId, ActivityId, ApiKeyId, AwardId, BadgeId, BlockId, CalendarId, ChallengeId, DeedId, EntryId,
    EventId, FollowId, HoldId, MuteId, ObjectId, PairId, SecretId, SessionId, SignInId, SkillId, SourceId,
    Subject, UserId,
};
pub use personal::Personal;
pub use refusal::BusinessError;

#[cfg(test)]
use engine::fixtures;
