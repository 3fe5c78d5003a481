//! HTTP in, HTTP out: every path, body, header and problem of the service; `docs/http.md` is its contract.
//!
//! Handlers are thin: extract, one call into `commands` or a query of `projections`, one reply.
//! Nothing here touches the log, the bus or SQL.
//!
//! - [`acts`] is the row of an act; each area lists its own in its `mod.rs`, and [`routes`] gathers them: start reading there. To add an endpoint, see `docs/adding/endpoint.md`.
//! - [`edge`] is what happens around every handler, [`access`] what is asked before most of them.
//! - [`problem`] is everything that can go wrong, and how it is told.
//! - [`App`] and [`serve`] are what the composition root needs.

mod account;
mod app;
mod audit;
mod badges;
pub mod deeds;
pub mod edge;
mod guard;
mod http;
mod notices;
pub mod operations;
mod people;
pub mod routes;
mod social;
mod wallet;

use edge::{connections, serve, unread};
pub use guard::{access, bots, cookies, renewal, tokens};
use guard::{caller, credentials, key_access, pass, quota};
use http::{acts, etag, extract, kept, reply};
pub use http::{asyncapi, normalize, openapi, problem};

pub use app::{App, Check, HttpOptions, MetricsText, Parts, Readiness};
pub use bots::{BotOptions, Bots};
pub use connections::ConnectionLimits;
pub use edge::front::{AllowedHosts, Front, Hsts, Origins, TrustedProxies};
pub use serve::{serve, serve_metrics, service};
pub use tokens::{KeyAlgorithm, KeyRing, Signing, SigningKey, TokenOptions, TokenSetupError, Tokens};
