//! Values of follows, blocks and mutes.

use super::{
    ValueError,
    profile::{limited_line, limited_lines},
    text_value,
};
use serde::{Deserialize, Serialize};

/// Who may follow a person (SOC-04). Wire form snake case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FollowPolicy {
    /// Whoever wants to, at once.
    Anyone,
    /// Whom the person accepts.
    Approve,
    /// No one new; followers stay.
    Nobody,
}

impl FollowPolicy {
    pub const ALL: [Self; 3] = [Self::Anyone, Self::Approve, Self::Nobody];
}

/// Where a follow stands (C-13). Wire form snake case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FollowStatus {
    /// Waits for the followed person's answer.
    Pending,
    Accepted,
    Rejected,
}

impl FollowStatus {
    /// The wire form.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Accepted => "accepted",
            Self::Rejected => "rejected",
        }
    }
}

/// Why a person blocks another, for themselves: 1 to 500 characters, trimmed; line breaks are kept.
#[derive(Clone, PartialEq, Eq)]
pub struct BlockReason(String);

text_value!(BlockReason);

impl BlockReason {
    pub const MAX_CHARS: usize = 500;

    pub fn parse(text: &str) -> Result<Self, ValueError> {
        limited_lines(text, Self::MAX_CHARS, ValueError::ReasonLength).map(Self)
    }
}

/// What a sender says of a deed (EVT-01): 1 to 500 characters, trimmed; line breaks are kept.
#[derive(Clone, PartialEq, Eq)]
pub struct DeedDescription(String);

text_value!(DeedDescription);

impl DeedDescription {
    pub const MAX_CHARS: usize = 500;

    pub fn parse(text: &str) -> Result<Self, ValueError> {
        limited_lines(text, Self::MAX_CHARS, ValueError::DescriptionLength).map(Self)
    }
}

/// By what a sender names a deed or an object: 1 to 200 characters without control characters, trimmed.
#[derive(Clone, PartialEq, Eq)]
pub struct SenderName(String);

text_value!(SenderName);

impl SenderName {
    pub const MAX_CHARS: usize = 200;

    pub fn parse(text: &str) -> Result<Self, ValueError> {
        limited_line(text, Self::MAX_CHARS, ValueError::SenderNameLength).map(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reason_is_short_and_may_have_lines() {
        assert_eq!(BlockReason::parse(" rude\nand loud ").unwrap().as_str(), "rude\nand loud");
        for (bad, error) in [
            ("  ".to_owned(), ValueError::ReasonLength),
            ("x".repeat(501), ValueError::ReasonLength),
            ("a\u{7}".to_owned(), ValueError::ControlCharacter),
        ] {
            assert_eq!(BlockReason::parse(&bad), Err(error));
        }
    }

    #[test]
    fn status_name_is_the_wire_form() {
        for status in [FollowStatus::Pending, FollowStatus::Accepted, FollowStatus::Rejected] {
            assert_eq!(serde_json::to_value(status).unwrap(), status.name());
        }
    }
}
