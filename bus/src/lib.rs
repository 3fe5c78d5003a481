//! Events over NATS JetStream: one [`Relay`] publishes the log, any number of [`Follower`]s read it in order.
//!
//! PostgreSQL decides. NATS may lose, repeat, reorder or invent messages; a follower still returns every event once, in
//! the order of the log. Nothing here executes a command or stores a cursor: the caller stores its cursor in the
//! transaction of its effect. Start reading at [`follower`], then [`relay`], then [`wire`] (the messages).

pub mod asyncapi;
mod connection;
mod error;
pub mod follower;
pub mod ingest;
mod names;
pub mod relay;
mod source;
mod stream;
mod tap;
mod version;
pub mod wire;

pub use connection::{Bus, Options, hosts_in_clear, server_warning};
pub use error::BusError;
pub use follower::{Feed, Follower, Freshness};
pub use names::Names;
pub use relay::{Relay, RelayOptions};
