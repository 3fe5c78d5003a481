//! annals

pub mod embedded;
