//! Reading is never refused: the error has no variants.

use crate::refusal::BusinessError;
use thiserror::Error;

#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum InboxError {}

impl BusinessError for InboxError {
    fn code(&self) -> &'static str {
        match *self {}
    }
}
