//! Gathers everything that is wrong with a body, so that a form shows all of it at once.

use crate::problem::{ApiResult, FieldError, Problem, field_error};
use domain::{BusinessError, profile::Patch};
use std::str::FromStr;

#[derive(Debug, Default)]
pub struct Checks(Vec<FieldError>);

impl Checks {
    pub fn add(&mut self, member: &str, code: &str, detail: impl Into<String>) {
        self.0.push(FieldError::new(pointer(member), code, detail));
    }

    /// At a place within a member.
    pub fn at(&mut self, pointer: impl Into<String>, code: &str, detail: impl Into<String>) {
        self.0.push(FieldError::new(pointer, code, detail));
    }

    /// A member that is needed; not once more where something is wrong with it already.
    pub fn missing(&mut self, member: &str) {
        let pointer = pointer(member);
        if self.0.iter().all(|error| error.pointer != pointer) {
            self.0.push(FieldError::new(pointer, "missing", "this member is required"));
        }
    }

    /// The value, or nothing and an error about the member.
    pub fn value<T, E: BusinessError>(&mut self, member: &str, read: Result<T, E>) -> Option<T> {
        read.map_err(|error| self.0.push(field_error(&pointer(member), &error))).ok()
    }

    /// A text to parse; a blank one clears.
    pub fn text<T: FromStr<Err: BusinessError>>(&mut self, member: &str, patch: Patch<String>) -> Patch<T> {
        self.value(member, patch.parsed()).unwrap_or_default()
    }

    /// Everything that is wrong, if anything is.
    pub fn finish(self) -> ApiResult<()> {
        if self.0.is_empty() { Ok(()) } else { Err(Problem::invalid(self.0)) }
    }
}

fn pointer(member: &str) -> String {
    if member.is_empty() { String::new() } else { format!("/{}", super::json::escaped(member)) }
}
