//! One file per small group of acts; [`crate::routes`] lists where each answers and for whom.

pub mod audit;
pub mod docs;
pub mod health;
pub mod introspect;
mod issue;
pub mod jwks;
pub mod login;
pub mod logout;
pub mod me;
pub mod password;
mod password_form;
pub mod problems;
pub mod profile;
pub mod refresh;
pub mod register;
mod repeat;
pub mod session_check;
pub mod sessions;
pub mod verify;
