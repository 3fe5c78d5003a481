//! Keeping a record is never refused: the error has no variants.

use crate::refusal::BusinessError;
use thiserror::Error;

#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum AccessLogError {}

impl BusinessError for AccessLogError {
    fn code(&self) -> &'static str {
        match *self {}
    }
}
