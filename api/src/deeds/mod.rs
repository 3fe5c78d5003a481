//! Activity endpoints: record what people do in other parts of the product.

pub mod activities;
pub mod told;
pub mod views;
