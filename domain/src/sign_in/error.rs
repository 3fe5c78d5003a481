//! Recording a failure is never refused: the error has no variants.

use crate::refusal::BusinessError;
use thiserror::Error;

#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum SignInError {}

impl BusinessError for SignInError {
    fn code(&self) -> &'static str {
        match *self {}
    }
}
