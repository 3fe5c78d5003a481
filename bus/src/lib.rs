//! The fan-out over NATS JetStream: one [`Relay`] publishes the log, any number of [`Follower`]s read it in order.
//!
//! PostgreSQL decides. NATS may lose, repeat, reorder or invent messages, and what a follower yields is still every
//! event once, in the log's order. Nothing here executes a command or keeps a cursor: the cursor is the caller's, in
//! the transaction of its effect. Start reading at [`follower`], then [`relay`], then [`wire`] (the messages).

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
