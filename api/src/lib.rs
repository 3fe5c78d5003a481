//! HTTP in, HTTP out: every path, body, header and problem of the service; `docs/http.md` is its contract.
//!
//! Handlers are thin: extract, one call into `commands` or a query of `projections`, one reply.
//! Nothing here touches the log, the bus or SQL.
//!
//! - [`routes`] is the table of every act: start reading there. To add an endpoint, see `docs/adding/endpoint.md`.
//! - [`edge`] is what happens around every handler, [`access`] what is asked before most of them.
//! - [`problem`] is everything that can go wrong, and how it is told.
//! - [`App`] and [`serve`] are what the composition root needs.

pub mod access;
mod app;
pub mod asyncapi;
pub mod bots;
mod caller;
mod connections;
pub mod cookies;
mod credentials;
pub mod deeds;
mod denial;
pub mod edge;
mod endpoints;
mod etag;
mod extract;
mod guard;
mod kept;
mod key_access;
pub mod normalize;
pub mod openapi;
mod pass;
pub mod problem;
mod quota;
pub mod renewal;
mod reply;
pub mod routes;
pub mod schedules;
pub mod scopes;
mod serve;
pub mod tokens;
mod unread;
mod views;

pub use app::{App, Check, HttpOptions, MetricsText, Parts, Readiness};
pub use bots::{BotOptions, Bots};
pub use connections::ConnectionLimits;
pub use edge::front::{AllowedHosts, Front, Hsts, Origins, TrustedProxies};
pub use serve::{serve, serve_metrics, service};
pub use tokens::{KeyAlgorithm, KeyRing, Signing, SigningKey, TokenOptions, TokenSetupError, Tokens};
