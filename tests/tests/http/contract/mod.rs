//! What holds for every path: who may, what is refused and how, and that the documents are true.

pub mod authorization;
pub mod bad_input;
pub mod bad_requests;
pub mod conditional;
pub mod connections;
pub mod front;
pub mod mistakes;
pub mod paging;
pub mod races;
pub mod reach;
pub mod readme;
pub mod route_table;
pub mod schemathesis;
