//! Read models: events become rows of tables, and queries read those tables.
//!
//! A projection writes its own tables and its cursor in one transaction, and nothing else: no clock, no randomness, no
//! effect (invariant 6). Writes are private to this crate; what others may use are the queries, the [`Runner`] that
//! keeps the tables up with the log, the [`Watcher`] that waits for it, the [`SessionGate`] and [`rebuild`]. Beside them
//! stands the telemetry of sessions, [`SessionActivity`], which no event tells of.
//!
//! To add a projection: a folder of `mod.rs`, `tables.sql`, `project.rs` and `query.rs`, a line in each list of
//! [`registry`], a method of [`Queries`].

mod absence;
pub mod accounts;
pub mod api_keys;
pub mod audit_log;
pub mod badge_progress;
mod badge_queries;
pub mod badges;
mod batch;
mod cursors;
mod envelope;
pub mod erasures;
mod gathered;
mod job_queries;
pub mod live;
pub mod notifications;
pub mod page;
pub mod paging;
pub mod people;
pub mod profile_pages;
mod projection;
pub mod queries;
pub mod rebuild;
pub mod registry;
mod rows;
pub mod runner;
mod schema;
pub mod session_activity;
pub mod session_gate;
pub mod sessions;
pub mod social_graph;
pub mod user_events;
pub mod user_settings;
pub mod wallets;
pub mod watcher;

pub use job_queries::JobQueries;
pub use live::{Audience, Crowded, LiveEvent, LiveEvents, Subscription};
pub use page::{Numbered, Order, Page, Seek, Stretch};
pub use paging::{Found, Paging, Shelf, SortKey, Turn, Weight};
pub use people::{AccountFilter, AccountRow, PeopleFilter, Person, Sight, Viewer};
pub use profile_pages::SearchText;
pub use projection::Name;
pub use queries::{Queries, QueryError};
pub use rebuild::{RebuildError, RebuildOptions, Rebuilt, rebuild, rewrite};
pub use registry::{
    ACCOUNTS, API_KEYS, AUDIT_LOG, BADGE_PROGRESS, BADGES, ERASURES, NAMES, NOTIFICATIONS, PROFILE_PAGES,
    SESSION_GATE, SESSIONS, SOCIAL_GRAPH, USER_EVENTS, USER_SETTINGS, WALLETS, in_clear,
};
pub use runner::{Runner, RunnerError, RunnerOptions, RunnerState};
pub use session_activity::{Activity, Ledger, SessionActivity};
pub use session_gate::{GateOptions, SessionGate, Verdict};
pub use watcher::{Freshness, Watcher};
