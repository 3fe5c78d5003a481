//! The HTTP API: every path, body, header and problem of the service; `docs/http.md` is its contract.
//!
//! A handler is thin: it extracts its input, makes one call into `commands` or a query of `projections`, and replies.
//! Nothing here accesses the log, the bus or SQL.
//!
//! - [`acts`] describes the row of an endpoint. Each area lists its own rows in its `mod.rs`; [`routes`] gathers them:
//!   start reading there. To add one, see `docs/adding/endpoint.md`.
//! - [`edge`] wraps every handler; [`access`] checks who may call it.
//! - [`problem`] has every error that a client can see.
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
mod portfolio;
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
