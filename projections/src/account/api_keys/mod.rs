//! `api_keys`: one row per API key, of people and of services, as those see it who may revoke it (KEY-01).
//!
//! It decides nothing: whether a key counts is asked of the log. Of all events it reads those of keys, what puts a
//! person's keys to sleep, and erasures.
//! Table: `api_keys`.

mod project;
pub mod query;

pub(crate) use project::ApiKeys;
