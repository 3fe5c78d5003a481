//! Read models: events become rows of tables, and queries read those tables.
//!
//! A projection writes its own tables and its cursor in one transaction, and nothing else: no clock, no randomness, no
//! effect (invariant 6). Writes are private to this crate; what others may use are the queries, the [`Runner`] that
//! keeps the tables up with the log, the [`Watcher`] that waits for it, the [`SessionGate`] and [`rebuild`]. Beside them
//! stands the telemetry of sessions, [`SessionActivity`], which no event tells of.
//!
//! To add a projection: a folder of `mod.rs`, `tables.sql`, `project.rs` and `query.rs`, a line in each list of
//! [`registry`], and the reads in an `impl Queries` of its `query.rs`.

mod account;
mod audit;
pub mod badges;
mod engine;
mod notices;
pub mod people;
mod portfolio;
mod social;
mod wallet;

use account::absence;
pub use account::{accounts, api_keys, erasures, session_activity, session_gate, sessions};
pub use audit::{audit_log, live, user_events};
pub use badges::badge_progress;
use engine::{batch, columns, cursors, envelope, gathered, job_queries, projection, rows, schema};
pub use engine::{owned, page, paging, queries, rebuild, registry, runner, watcher};
pub use notices::notifications;
pub use people::{profile_pages, user_settings};
pub use portfolio::skills;
pub use social::social_graph;
pub use wallet::wallets;

pub use job_queries::{JobQueries, NotTold};
pub use live::{Audience, Crowded, LiveEvent, LiveEvents, Subscription};
pub use owned::{OwnedModel, OwnedRow};
pub use page::{Numbered, Order, Page, Seek, Stretch};
pub use paging::{Found, Paging, Shelf, SortKey, Turn, Weight};
pub use people::{AccountFilter, AccountRow, PeopleFilter, Person, Sight, Viewer};
pub use profile_pages::SearchText;
pub use projection::Name;
pub use queries::{Queries, QueryError};
pub use rebuild::{RebuildError, RebuildOptions, Rebuilt, rebuild, rewrite};
pub use registry::{
    ACCOUNTS, API_KEYS, AUDIT_LOG, BADGE_PROGRESS, BADGES, ERASURES, NAMES, NOTIFICATIONS, PROFILE_PAGES,
    SESSION_GATE, SESSIONS, SKILLS, SOCIAL_GRAPH, USER_EVENTS, USER_SETTINGS, WALLETS, in_clear,
};
pub use runner::{Runner, RunnerError, RunnerOptions, RunnerState};
pub use session_activity::{Activity, Ledger, SessionActivity};
pub use session_gate::{GateOptions, SessionGate, Verdict};
pub use watcher::{Freshness, Watcher};
