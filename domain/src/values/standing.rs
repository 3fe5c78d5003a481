//! The reason of a suspension (USR-07).

use super::{ValueError, profile::limited_lines, text_value};
use serde::{Deserialize, Serialize};

/// Whether staff keep the account's person out. Wire form snake case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AccountStatus {
    Active,
    Suspended,
}

/// Why an account is suspended, for staff: 1 to 500 characters, trimmed; line breaks are kept.
#[derive(Clone, PartialEq, Eq)]
pub struct SuspensionReason(String);

text_value!(SuspensionReason);

impl SuspensionReason {
    pub const MAX_CHARS: usize = 500;

    pub fn parse(text: &str) -> Result<Self, ValueError> {
        limited_lines(text, Self::MAX_CHARS, ValueError::ReasonLength).map(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reason_is_short_and_not_blank() {
        assert_eq!(SuspensionReason::parse(" spam\nagain ").unwrap().as_str(), "spam\nagain");
        for bad in ["  ".to_owned(), "x".repeat(501)] {
            assert_eq!(SuspensionReason::parse(&bad), Err(ValueError::ReasonLength));
        }
    }
}
