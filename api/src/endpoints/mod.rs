//! One file per small group of acts; [`crate::routes`] lists where each answers and for whom.

pub mod audit;
pub mod blocks;
pub mod docs;
pub mod event_stream;
pub mod events;
pub mod follow_lists;
pub mod follows;
pub mod health;
pub mod introspect;
mod issue;
pub mod jwks;
pub mod login;
pub mod logout;
pub mod me;
pub mod mutes;
pub mod password;
mod password_form;
mod person;
pub mod problems;
pub mod profile;
pub mod refresh;
pub mod register;
mod repeat;
pub mod session_check;
pub mod sessions;
pub mod settings;
pub mod verify;
