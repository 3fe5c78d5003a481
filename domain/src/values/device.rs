//! The fingerprint of a device: tells devices apart without naming them (SESS-09).

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Browser, system and form of a device as one number: the same for one person's devices of one kind, and another for
/// every other person, so that it says nothing about anybody by itself. 128 bits, on the wire 32 hexadecimal digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct DeviceFingerprint(#[serde(with = "uuid::serde::simple")] Uuid);

impl DeviceFingerprint {
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(Uuid::from_bytes(bytes))
    }
}

impl std::fmt::Display for DeviceFingerprint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.as_simple().fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn written_as_it_is_shown() {
        let fingerprint = DeviceFingerprint::from_bytes([0xab; 16]);

        let written = serde_json::to_value(fingerprint).unwrap();

        assert_eq!((written.as_str(), fingerprint.to_string()), (Some(&*"ab".repeat(16)), "ab".repeat(16)));
        assert_eq!(serde_json::from_value::<DeviceFingerprint>(written).unwrap(), fingerprint);
    }
}
