//! Sealing at the store's edge: AES-256-GCM-SIV (RFC 8452) under the subject's data key.
//!
//! A sealed text is `v1.` and base64url(nonce ‖ ciphertext ‖ tag); the associated data is the stream and sequence,
//! so that a ciphertext moved to another event does not open. **Frozen.**

use crate::{
    error::StoreError,
    keys::{DataKey, KeyRing},
    metadata::SEALED_ENTRY,
    recorded::Recorded,
};
use aws_lc_rs::aead::{AES_256_GCM_SIV, Aad, LessSafeKey, Nonce, UnboundKey};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use domain::{Subject, personal::MARKER};
use serde_json::{Value, json};
use std::collections::{HashMap, HashSet};

const VERSION: &str = "v1.";
const NONCE: usize = 12;

/// The associated data of everything sealed within one event.
pub(crate) fn aad(aggregate_type: &str, aggregate_id: &str, sequence: i64) -> Vec<u8> {
    let mut aad = format!("annals:v1\0{aggregate_type}\0{aggregate_id}\0").into_bytes();
    aad.extend_from_slice(&sequence.to_be_bytes());
    aad
}

fn cipher(key: &DataKey) -> Result<LessSafeKey, StoreError> {
    UnboundKey::new(&AES_256_GCM_SIV, key.bytes())
        .map(LessSafeKey::new)
        .map_err(|_| StoreError::Corrupt("a data key has the wrong length".into()))
}

pub(crate) fn seal_bytes(key: &DataKey, aad: &[u8], clear: &[u8]) -> Result<Vec<u8>, StoreError> {
    let broken = |_| StoreError::Corrupt("sealing failed".into());
    let mut nonce = [0; NONCE];
    aws_lc_rs::rand::fill(&mut nonce).map_err(broken)?;
    let mut sealed = clear.to_vec();
    cipher(key)?
        .seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::from(aad), &mut sealed)
        .map_err(broken)?;
    Ok([&nonce[..], &sealed].concat())
}

/// None if it was not sealed by this key with this associated data.
pub(crate) fn open_bytes(key: &DataKey, aad: &[u8], sealed: &[u8]) -> Option<Vec<u8>> {
    let (nonce, body) = sealed.split_at_checked(NONCE)?;
    let mut clear = body.to_vec();
    let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
    let length = cipher(key).ok()?.open_in_place(nonce, Aad::from(aad), &mut clear).ok()?.len();
    clear.truncate(length);
    Some(clear)
}

pub(crate) fn seal_text(key: &DataKey, aad: &[u8], clear: &str) -> Result<String, StoreError> {
    Ok(format!("{VERSION}{}", URL_SAFE_NO_PAD.encode(seal_bytes(key, aad, clear.as_bytes())?)))
}

fn open_text(key: &DataKey, aad: &[u8], sealed: &str) -> Option<String> {
    let bytes = URL_SAFE_NO_PAD.decode(sealed.strip_prefix(VERSION)?).ok()?;
    String::from_utf8(open_bytes(key, aad, &bytes)?).ok()
}

/// True if the text may hold a personal value; a false alarm costs a parse.
pub(crate) fn mentions_personal(json: &str) -> bool {
    json.contains("\"~p\"")
}

/// The subjects of a JSON value's personal parts.
pub(crate) fn subjects(value: &Value, found: &mut HashSet<Subject>) {
    match value {
        Value::Object(map) => match map.get(MARKER).and_then(Value::as_str) {
            Some(subject) => found.extend(subject.parse::<Subject>()),
            None => map.values().for_each(|inner| subjects(inner, found)),
        },
        Value::Array(items) => items.iter().for_each(|inner| subjects(inner, found)),
        _ => {}
    }
}

/// Replaces each readable personal value by its sealed form. What is inside one is sealed whole, never walked.
pub(crate) fn seal_value(
    value: &mut Value,
    keys: &HashMap<Subject, DataKey>,
    aad: &[u8],
) -> Result<(), StoreError> {
    match value {
        Value::Object(map) => {
            let Some(subject) = map.get(MARKER).and_then(Value::as_str).and_then(|s| s.parse().ok()) else {
                return map.values_mut().try_for_each(|inner| seal_value(inner, keys, aad));
            };
            if let Some(clear) = map.get("value") {
                let key = keys.get(&subject).ok_or(StoreError::Erased(subject))?;
                let sealed = seal_text(key, aad, &clear.to_string())?;
                *value = json!({ MARKER: subject, "sealed": sealed });
            }
            Ok(())
        }
        Value::Array(items) => items.iter_mut().try_for_each(|inner| seal_value(inner, keys, aad)),
        _ => Ok(()),
    }
}

fn open_value(
    value: &mut Value,
    keys: &HashMap<Subject, Option<DataKey>>,
    aad: &[u8],
) -> Result<(), StoreError> {
    match value {
        Value::Object(map) => {
            let Some(subject) = map.get(MARKER).and_then(Value::as_str).and_then(|s| s.parse().ok()) else {
                return map.values_mut().try_for_each(|inner| open_value(inner, keys, aad));
            };
            let Some(sealed) = map.get("sealed").and_then(Value::as_str) else { return Ok(()) };
            *value = match keys.get(&subject).and_then(Option::as_ref) {
                Some(key) => {
                    let clear = open_text(key, aad, sealed)
                        .ok_or_else(|| StoreError::Corrupt(format!("a value of {subject} does not open")))?;
                    let clear: Value = serde_json::from_str(&clear)
                        .map_err(|_| StoreError::Corrupt(format!("a value of {subject} is not JSON")))?;
                    json!({ MARKER: subject, "value": clear })
                }
                None => json!({ MARKER: subject, "erased": true }),
            };
            Ok(())
        }
        Value::Array(items) => items.iter_mut().try_for_each(|inner| open_value(inner, keys, aad)),
        _ => Ok(()),
    }
}

/// Reads sealed values with the keys that still exist.
#[derive(Clone)]
pub struct Opener {
    keys: KeyRing,
}

impl Opener {
    pub(crate) fn new(keys: KeyRing) -> Self {
        Self { keys }
    }

    /// A JSON text that was sealed in the given event, with its personal values opened, or marked as erased.
    pub async fn open_json(
        &self,
        aggregate_type: &str,
        aggregate_id: &str,
        sequence: i64,
        json: &str,
    ) -> Result<String, StoreError> {
        if !mentions_personal(json) {
            return Ok(json.to_owned());
        }
        let mut value: Value =
            serde_json::from_str(json).map_err(|e| StoreError::Corrupt(format!("not JSON: {e}")))?;
        let mut found = HashSet::new();
        subjects(&value, &mut found);
        let keys = self.keys.find(&found).await?;
        open_value(&mut value, &keys, &aad(aggregate_type, aggregate_id, sequence))?;
        Ok(value.to_string())
    }

    /// The event's payload, opened.
    pub async fn open(&self, event: &Recorded) -> Result<String, StoreError> {
        let Recorded { aggregate_type, aggregate_id, sequence, payload, .. } = event;
        self.open_json(aggregate_type, aggregate_id, *sequence, payload.get()).await
    }

    /// A metadata entry in clear: as it stands, opened, or None once its subject is erased.
    pub async fn open_entry(&self, event: &Recorded, entry: &str) -> Result<Option<String>, StoreError> {
        self.open_entry_of(&event.aggregate_type, &event.aggregate_id, event.sequence, entry).await
    }

    /// [`Opener::open_entry`] for a reader that kept only the event's address.
    pub async fn open_entry_of(
        &self,
        aggregate_type: &str,
        aggregate_id: &str,
        sequence: i64,
        entry: &str,
    ) -> Result<Option<String>, StoreError> {
        let Some(rest) = entry.strip_prefix(SEALED_ENTRY) else { return Ok(Some(entry.to_owned())) };
        let parts = rest.split_once(':').and_then(|(subject, sealed)| Some((subject.parse().ok()?, sealed)));
        let Some((subject, sealed)) = parts else {
            return Err(StoreError::Corrupt("a sealed metadata entry has no subject".into()));
        };
        let keys = self.keys.find(&HashSet::from([subject])).await?;
        let Some(key) = keys.get(&subject).and_then(Option::as_ref) else { return Ok(None) };
        open_text(key, &aad(aggregate_type, aggregate_id, sequence), sealed)
            .map(Some)
            .ok_or_else(|| StoreError::Corrupt(format!("a metadata entry of {subject} does not open")))
    }
}
