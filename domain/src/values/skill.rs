//! What a person calls a skill, and the kinds of skills (PFO-04, enumeration 3.12).

use super::{ValueError, profile::name, text_value};
use serde::{Deserialize, Serialize};

/// 1 to 64 characters on one line, trimmed.
#[derive(Clone, PartialEq, Eq)]
pub struct SkillName(String);

text_value!(SkillName);

impl SkillName {
    pub const MAX_CHARS: usize = 64;

    pub fn parse(text: &str) -> Result<Self, ValueError> {
        name(text, Self::MAX_CHARS, ValueError::SkillNameLength).map(Self)
    }
}

/// Where a skill stands in a portfolio. Wire form as it is written here.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum SkillCategory {
    Language,
    Framework,
    Tool,
    Platform,
    Database,
    Design,
    Soft,
    #[default]
    Other,
}
