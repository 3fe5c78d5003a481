//! The text of an API key: `annals_key_…` for a person's, `annals_svc_…` for a service's (ADR 17).
//!
//! Behind the mark stand the key's id and its proof, 22 characters of base 62 each, and a CRC-32 of all before it in
//! six: whoever scans for leaked keys recognises one by itself, without asking us.

use domain::ApiKeyId;

/// What every key begins with; no access token does.
pub const MARK: &str = "annals_";

const DIGITS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
/// Of 128 bits.
const NUMBER: usize = 22;
/// Of a CRC-32.
const CHECKSUM: usize = 6;
/// As many of the id's characters tell a holder's keys apart: the millisecond of its creation and some chance.
const SHOWN: usize = 12;

/// Whose key it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyKind {
    Person,
    Service,
}

impl KeyKind {
    pub const ALL: [Self; 2] = [Self::Person, Self::Service];

    /// What a key of this kind begins with.
    pub const fn mark(self) -> &'static str {
        match self {
            Self::Person => "annals_key_",
            Self::Service => "annals_svc_",
        }
    }
}

/// The beginning of a key, by which its owner recognises it. It follows from the id, and opens nothing.
pub fn prefix(kind: KeyKind, id: ApiKeyId) -> String {
    let digits = base62::<NUMBER>(id.uuid().as_u128());
    format!("{}{}", kind.mark(), digits.get(..SHOWN).unwrap_or_default())
}

/// The whole key.
pub(crate) fn write(kind: KeyKind, id: u128, proof: u128) -> String {
    let text = format!("{}{}{}", kind.mark(), base62::<NUMBER>(id), base62::<NUMBER>(proof));
    let checksum = base62::<CHECKSUM>(u128::from(crc32(text.as_bytes())));
    text + &checksum
}

/// Kind, id and proof. None: it is no key, or a character of it was changed.
pub(crate) fn read(text: &str) -> Option<(KeyKind, u128, u128)> {
    let kind = KeyKind::ALL.into_iter().find(|kind| text.starts_with(kind.mark()))?;
    let (signed, checksum) = text.split_at_checked(kind.mark().len() + 2 * NUMBER)?;
    let known = base62::<CHECKSUM>(u128::from(crc32(signed.as_bytes())));
    let (id, proof) = signed.get(kind.mark().len()..)?.split_at_checked(NUMBER)?;
    (checksum == known).then_some((kind, number(id)?, number(proof)?))
}

/// The most significant digit first, in a fixed width.
fn base62<const WIDTH: usize>(mut value: u128) -> String {
    let mut digits = [b'0'; WIDTH];
    for digit in digits.iter_mut().rev() {
        *digit = DIGITS[(value % 62) as usize];
        value /= 62;
    }
    digits.into_iter().map(char::from).collect()
}

/// None for other characters, and for what 128 bits do not hold.
fn number(text: &str) -> Option<u128> {
    text.bytes().try_fold(0_u128, |value, byte| {
        let digit = DIGITS.iter().position(|known| *known == byte)?;
        value.checked_mul(62)?.checked_add(u128::try_from(digit).ok()?)
    })
}

/// CRC-32 of ISO-HDLC, as zlib has it.
fn crc32(bytes: &[u8]) -> u32 {
    let step = |crc: u32| if crc & 1 == 1 { (crc >> 1) ^ 0xedb8_8320 } else { crc >> 1 };
    !bytes.iter().fold(!0, |crc, byte| (0..8).fold(crc ^ u32::from(*byte), |crc, _| step(crc)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[test]
    fn checksum_is_the_known_one() {
        assert_eq!(crc32(b"123456789"), 0xcbf4_3926);
    }

    #[test]
    fn every_number_is_read_back() {
        for value in [0, 1, 61, 62, u128::from(u64::MAX), u128::MAX - 1, u128::MAX] {
            assert_eq!(number(&base62::<NUMBER>(value)), Some(value));
        }
        assert_eq!(number(&"z".repeat(NUMBER)), None, "more than 128 bits");
        assert_eq!(number("0-0"), None);
    }

    #[test]
    fn key_is_recognised_and_any_changed_character_is_noticed() {
        let key = write(KeyKind::Person, 0x0198_7f3a_5b10_7c3e_9d3f_2f61_a7c1_d0e5, u128::MAX);

        assert_eq!(key.len(), "annals_key_".len() + 50);
        assert!(key.starts_with(&prefix(
            KeyKind::Person,
            ApiKeyId::from_uuid(Uuid::from_u128(0x0198_7f3a_5b10_7c3e_9d3f_2f61_a7c1_d0e5))
        )));
        assert!(read(&key).is_some());
        for at in 0..key.len() {
            let mut changed = key.clone().into_bytes();
            changed[at] = if changed[at] == b'x' { b'y' } else { b'x' };
            assert_eq!(read(&String::from_utf8(changed).unwrap()), None, "{at}");
        }
        for bad in ["", "annals_", "annals_key_", &key[..60], &format!("{key}0"), &key.replace("key", "svc")]
        {
            assert_eq!(read(bad), None, "{bad}");
        }
        assert_eq!(read(&format!("annals_key_{}", "\u{e9}".repeat(25))), None);
    }
}
