//! Gathers everything that is wrong with a body, so that a form shows all of it at once.

use super::patient::is_within;
use crate::problem::{ApiResult, FieldError, Problem, field_error};
use domain::{BusinessError, profile::Patch};
use std::str::FromStr;

#[derive(Debug, Default)]
pub struct Checks {
    errors: Vec<FieldError>,
    /// Fields that could not be read: what stands there is not the client's, and is not judged.
    unread: Vec<String>,
}

impl Checks {
    /// With what was found wrong before the values could be looked at.
    pub(super) fn beside(faults: Vec<FieldError>) -> Self {
        let mut checks = Self::default();
        checks.settle(faults);
        checks
    }

    /// Fields that could not be read.
    pub(super) fn settle(&mut self, faults: Vec<FieldError>) {
        self.unread.extend(faults.iter().map(|fault| fault.pointer.clone()));
        self.errors.extend(faults);
    }

    pub fn add(&mut self, member: &str, code: &str, detail: impl Into<String>) {
        self.push(FieldError::new(pointer(member), code, detail));
    }

    /// At a place within a field.
    pub fn at(&mut self, pointer: impl Into<String>, code: &str, detail: impl Into<String>) {
        self.push(FieldError::new(pointer, code, detail));
    }

    fn push(&mut self, error: FieldError) {
        if self.unread.iter().all(|unread| !is_within(&error.pointer, unread)) {
            self.errors.push(error);
        }
    }

    /// A field that is needed; not once more where something is wrong with it already.
    pub fn missing(&mut self, member: &str) {
        let pointer = pointer(member);
        if self.errors.iter().all(|error| error.pointer != pointer) {
            self.push(FieldError::new(pointer, "missing", "this field is required"));
        }
    }

    /// What was found wrong within a field.
    pub fn within(&mut self, member: &str, part: Self) {
        let parent = pointer(member);
        for error in part.errors {
            self.push(FieldError { pointer: format!("{parent}{}", error.pointer), ..error });
        }
    }

    /// The value, or nothing and an error about the field.
    pub fn value<T, E: BusinessError>(&mut self, member: &str, read: Result<T, E>) -> Option<T> {
        read.map_err(|error| self.push(field_error(&pointer(member), &error))).ok()
    }

    /// A text to parse; a blank one clears.
    pub fn text<T: FromStr<Err: BusinessError>>(&mut self, member: &str, patch: Patch<String>) -> Patch<T> {
        self.value(member, patch.parsed()).unwrap_or_default()
    }

    /// Everything that is wrong, if anything is.
    pub fn finish(self) -> ApiResult<()> {
        if self.errors.is_empty() { Ok(()) } else { Err(Problem::invalid(self.errors)) }
    }
}

fn pointer(member: &str) -> String {
    if member.is_empty() { String::new() } else { format!("/{}", super::json::escaped(member)) }
}
