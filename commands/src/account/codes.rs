//! Short codes and tokens: derived from an id under a server key, never stored, so there is nothing to steal at rest.
//!
//! **Frozen**: what was sent yesterday must be recognised tomorrow. A new form takes a new label.
//! Each kind has a label of its own, so that one can never be presented as another.

use crate::key_text::{self, KeyKind};
use aws_lc_rs::{constant_time::verify_slices_are_equal, hmac};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use domain::{ApiKeyId, ChallengeId, SessionId};
use std::sync::Arc;
use uuid::Uuid;

const CODE: &[u8] = b"annals code v1";
const ASKER: &[u8] = b"annals asker v1";
const RESET: &[u8] = b"annals reset v1";
const STOP: &[u8] = b"annals stop change v1";
const REFRESH: &[u8] = b"annals refresh v1";
const API_KEY: &[u8] = b"annals api key v1";
const REFRESH_VERSION: u8 = 1;
const MAC: usize = 32;

/// Derives and recognises codes and tokens. Cheap to clone.
#[derive(Clone)]
pub struct Codes(Arc<Keys>);

struct Keys {
    /// Derives.
    present: hmac::Key,
    /// Recognises, too, while a key is being replaced (ADR 37): what was given out carries no name of its key.
    other: Option<hmac::Key>,
}

impl std::fmt::Debug for Codes {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Codes")
    }
}

impl Codes {
    /// `key` is secret, the same on every node, and for this purpose alone.
    pub fn new(key: &[u8; 32]) -> Self {
        Self::with_other(key, None)
    }

    /// And what another key derived is recognised, too: the next one before a replacement, the former one after it.
    pub fn with_other(present: &[u8; 32], other: Option<&[u8; 32]>) -> Self {
        let key = |bytes: &[u8; 32]| hmac::Key::new(hmac::HMAC_SHA256, bytes);
        Self(Arc::new(Keys { present: key(present), other: other.map(key) }))
    }

    /// Six digits: HMAC-SHA-256(key, label ‖ challenge), its first 8 bytes big-endian mod 10^6.
    pub fn code(&self, challenge: ChallengeId) -> String {
        digits(&self.mac(CODE, &[challenge.uuid().as_bytes()]))
    }

    /// Whether `answer` is the challenge's code; spaces around and within it are forgiven. In constant time.
    pub fn is_code(&self, challenge: ChallengeId, answer: &str) -> bool {
        let digits: String = answer.chars().filter(|c| !c.is_whitespace()).take(7).collect();
        let is_of = |mac: &hmac::Tag| {
            verify_slices_are_equal(self::digits(mac).as_bytes(), digits.as_bytes()).is_ok()
        };
        self.macs(CODE, &[challenge.uuid().as_bytes()]).any(|mac| is_of(&mac))
    }

    /// base64url(challenge ‖ HMAC): 64 characters, 256 bits beyond guessing.
    pub fn reset_token(&self, challenge: ChallengeId) -> String {
        let id = challenge.uuid();
        let mac = self.mac(RESET, &[id.as_bytes()]);
        URL_SAFE_NO_PAD.encode([id.as_bytes(), mac.as_ref()].concat())
    }

    /// The challenge that a reset token answers; none if the token is not ours.
    pub fn reset_challenge(&self, token: &str) -> Option<ChallengeId> {
        let bytes = decode::<{ 16 + MAC }>(token)?;
        let (id, mac) = bytes.split_first_chunk::<16>()?;
        self.verify(RESET, id, mac)?;
        Some(ChallengeId::from_uuid(Uuid::from_bytes(*id)))
    }

    /// What tells who made an account, by the account's id, or who asked for a code, by its challenge's:
    /// base64url(id ‖ HMAC), 64 characters. One of an id that nothing has looks like any other.
    pub fn asker_token(&self, id: Uuid) -> String {
        let mac = self.mac(ASKER, &[id.as_bytes()]);
        URL_SAFE_NO_PAD.encode([id.as_bytes(), mac.as_ref()].concat())
    }

    /// The id of such a token; none if the token is not ours.
    pub fn asker(&self, token: &str) -> Option<Uuid> {
        let bytes = decode::<{ 16 + MAC }>(token)?;
        let (id, mac) = bytes.split_first_chunk::<16>()?;
        self.verify(ASKER, id, mac)?;
        Some(Uuid::from_bytes(*id))
    }

    /// base64url(challenge ‖ HMAC), as a reset token: stops the change of address whose first request had this challenge.
    pub fn stop_token(&self, change: ChallengeId) -> String {
        let id = change.uuid();
        let mac = self.mac(STOP, &[id.as_bytes()]);
        URL_SAFE_NO_PAD.encode([id.as_bytes(), mac.as_ref()].concat())
    }

    /// The change that a token stops, by its first challenge; none if the token is not ours.
    pub fn stopped_change(&self, token: &str) -> Option<ChallengeId> {
        let bytes = decode::<{ 16 + MAC }>(token)?;
        let (id, mac) = bytes.split_first_chunk::<16>()?;
        self.verify(STOP, id, mac)?;
        Some(ChallengeId::from_uuid(Uuid::from_bytes(*id)))
    }

    /// base64url(version ‖ session ‖ generation ‖ HMAC): 71 characters.
    pub fn refresh_token(&self, session: SessionId, generation: u32) -> String {
        let (session, generation) = (session.uuid(), generation.to_be_bytes());
        let mac = self.mac(REFRESH, &[session.as_bytes(), &generation]);
        URL_SAFE_NO_PAD
            .encode([&[REFRESH_VERSION], session.as_bytes().as_slice(), &generation, mac.as_ref()].concat())
    }

    /// Session and generation of a refresh token; none if the token is not ours.
    pub fn refresh_claims(&self, token: &str) -> Option<(SessionId, u32)> {
        let bytes = decode::<{ 1 + 16 + 4 + MAC }>(token)?;
        let (version, rest) = bytes.split_first()?;
        let (claims, mac) = rest.split_first_chunk::<20>()?;
        self.verify(REFRESH, claims, mac)?;
        let (session, generation) = claims.split_first_chunk::<16>()?;
        let generation = u32::from_be_bytes(generation.try_into().ok()?);
        (*version == REFRESH_VERSION)
            .then_some((SessionId::from_uuid(Uuid::from_bytes(*session)), generation))
    }

    /// `annals_key_…` or `annals_svc_…`, of [`key_text`]: the proof is the first 128 bits of HMAC(kind ‖ id).
    pub fn api_key(&self, kind: KeyKind, id: ApiKeyId) -> String {
        let proof = u128::from_be_bytes(self.api_key_proof(kind, id));
        key_text::write(kind, id.uuid().as_u128(), proof)
    }

    /// Kind and id of an API key; none if it is not ours. In constant time once it has the form of one.
    pub fn api_key_claims(&self, key: &str) -> Option<(KeyKind, ApiKeyId)> {
        let (kind, id, proof) = key_text::read(key)?;
        let id = ApiKeyId::from_uuid(Uuid::from_u128(id));
        let mut macs = self.macs(API_KEY, &[kind.mark().as_bytes(), id.uuid().as_bytes()]);
        let is_proof = |mac: hmac::Tag| verify_slices_are_equal(&mac.as_ref()[..16], &proof.to_be_bytes());
        macs.any(|mac| is_proof(mac).is_ok()).then_some((kind, id))
    }

    fn api_key_proof(&self, kind: KeyKind, id: ApiKeyId) -> [u8; 16] {
        let mac = self.mac(API_KEY, &[kind.mark().as_bytes(), id.uuid().as_bytes()]);
        let mut proof = [0; 16];
        proof.copy_from_slice(&mac.as_ref()[..16]);
        proof
    }

    pub(crate) fn mac(&self, label: &[u8], parts: &[&[u8]]) -> hmac::Tag {
        mac(&self.0.present, label, parts)
    }

    /// By each key that counts.
    fn macs(&self, label: &[u8], parts: &[&[u8]]) -> impl Iterator<Item = hmac::Tag> + use<> {
        [Some(self.mac(label, parts)), self.other_mac(label, parts)].into_iter().flatten()
    }

    pub(crate) fn other_mac(&self, label: &[u8], parts: &[&[u8]]) -> Option<hmac::Tag> {
        self.0.other.as_ref().map(|key| mac(key, label, parts))
    }

    pub(crate) fn verify(&self, label: &[u8], claims: &[u8], mac: &[u8]) -> Option<()> {
        let is_ours = |own: hmac::Tag| verify_slices_are_equal(own.as_ref(), mac).is_ok();
        self.macs(label, &[claims]).any(is_ours).then_some(())
    }
}

fn mac(key: &hmac::Key, label: &[u8], parts: &[&[u8]]) -> hmac::Tag {
    let mut context = hmac::Context::with_key(key);
    context.update(label);
    for part in parts {
        context.update(part);
    }
    context.sign()
}

/// The first 8 bytes, big-endian, mod 10^6.
fn digits(mac: &hmac::Tag) -> String {
    let mut first = [0; 8];
    first.copy_from_slice(&mac.as_ref()[..8]);
    format!("{:06}", u64::from_be_bytes(first) % 1_000_000)
}

pub(crate) fn decode<const N: usize>(token: &str) -> Option<[u8; N]> {
    let mut bytes = [0; N];
    let length = URL_SAFE_NO_PAD.decode_slice(token.trim(), &mut bytes).ok()?;
    (length == N).then_some(bytes)
}

#[cfg(test)]
#[path = "codes_tests.rs"]
mod tests;
