//! Kinds of media.

use serde::{Deserialize, Serialize};

/// What a profile's cover is. Capability enumeration 3.21; wire form snake case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MediaType {
    Image,
    Video,
}
