//! What a person shows of their work.

pub mod skill;
