//! The parts of every aggregate, the event catalogue, and ids.

pub mod aggregate;
pub mod catalogue;
pub mod decode;
pub mod fields;
pub mod ids;
pub mod owned;
pub mod personal;
pub mod refusal;

#[cfg(test)]
pub(crate) mod fixtures;
#[cfg(test)]
pub(crate) mod properties;
#[cfg(test)]
mod samples;
