//! Points and money of a person.

pub mod statement;
