//! Proofs of work (AUTH-12, ADR 19): a client that is suspected to be a program spends some of its time on a number.
//!
//! The puzzle is signed and nothing of it is stored; that a proof was spent is.

use crate::codes::{Codes, decode};
use aws_lc_rs::digest::{SHA256, digest};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, TimeDelta, Utc};

const LABEL: &[u8] = b"annals proof of work v1";
/// End, difficulty, nonce.
const CLAIMS: usize = 8 + 1 + NONCE;
const NONCE: usize = 16;
const MAC: usize = 32;
/// A number of more digits is nobody's.
const DIGITS: usize = 20;

/// How long a puzzle may be answered: 5 minutes.
pub const PUZZLE_LIFETIME: TimeDelta = TimeDelta::seconds(300);

/// What a client is to solve.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Puzzle {
    /// Opaque; the answer begins with it.
    pub token: String,
    /// How many leading zero bits the SHA-256 of the answer has.
    pub difficulty: u8,
    pub expires_at: DateTime<Utc>,
}

/// For what, and for whom, a puzzle was set: it counts for nothing else.
#[derive(Clone, Copy, Debug)]
pub struct Purpose<'a> {
    /// The id of the route.
    pub act: &'a str,
    /// The client's network.
    pub network: &'a str,
}

impl Codes {
    /// base64url(end ‖ difficulty ‖ nonce ‖ HMAC-SHA-256 over purpose and these): 76 characters.
    pub fn puzzle(
        &self,
        purpose: Purpose<'_>,
        difficulty: u8,
        nonce: [u8; NONCE],
        now: DateTime<Utc>,
    ) -> Puzzle {
        let expires_at = now + PUZZLE_LIFETIME;
        let claims = [&expires_at.timestamp().to_be_bytes()[..], &[difficulty], &nonce].concat();
        let mac = self.mac(LABEL, &[&purpose.bytes(), &claims]);
        let token = URL_SAFE_NO_PAD.encode([&claims, mac.as_ref()].concat());
        Puzzle { token, difficulty, expires_at }
    }

    /// Whether `proof`, a puzzle's token, a full stop and a number, solves a puzzle of ours that is still open.
    pub fn is_proof(&self, purpose: Purpose<'_>, proof: &str, now: DateTime<Utc>) -> bool {
        let Some((token, number)) = proof.split_once('.') else { return false };
        let Some(difficulty) = self.open(purpose, token, now) else { return false };
        let sound = (1..=DIGITS).contains(&number.len()) && number.bytes().all(|b| b.is_ascii_digit());
        sound && zero_bits(digest(&SHA256, proof.as_bytes()).as_ref()) >= u32::from(difficulty)
    }

    /// The difficulty of a puzzle that was set for this, and has not expired.
    fn open(&self, purpose: Purpose<'_>, token: &str, now: DateTime<Utc>) -> Option<u8> {
        let bytes = decode::<{ CLAIMS + MAC }>(token)?;
        let (claims, mac) = bytes.split_first_chunk::<CLAIMS>()?;
        self.verify(LABEL, &[&purpose.bytes()[..], claims].concat(), mac)?;
        let (end, rest) = claims.split_first_chunk::<8>()?;
        (now.timestamp() < i64::from_be_bytes(*end)).then(|| rest[0])
    }
}

impl Purpose<'_> {
    /// Neither part holds a NUL.
    fn bytes(self) -> Vec<u8> {
        [self.act.as_bytes(), b"\0", self.network.as_bytes(), b"\0"].concat()
    }
}

fn zero_bits(hash: &[u8]) -> u32 {
    let whole = hash.iter().take_while(|byte| **byte == 0).count();
    let rest = hash.get(whole).map_or(0, |byte| byte.leading_zeros());
    u32::try_from(whole).unwrap_or(u32::MAX).saturating_mul(8).saturating_add(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    const HERE: Purpose<'_> = Purpose { act: "register", network: "203.0.113.0/24" };

    fn codes() -> Codes {
        Codes::new(&[7; 32])
    }

    fn at(second: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_700_000_000 + second, 0).unwrap()
    }

    fn solved(puzzle: &Puzzle) -> String {
        let mut answers = (0_u64..).map(|number| format!("{}.{number}", puzzle.token));
        let good = |proof: &String| {
            zero_bits(digest(&SHA256, proof.as_bytes()).as_ref()) >= u32::from(puzzle.difficulty)
        };
        answers.find(good).unwrap()
    }

    #[test]
    fn answer_with_enough_zero_bits_counts_until_the_puzzle_expires() {
        let puzzle = codes().puzzle(HERE, 10, [1; NONCE], at(0));
        let proof = solved(&puzzle);

        assert!(codes().is_proof(HERE, &proof, at(299)));
        assert!(!codes().is_proof(HERE, &proof, at(300)));
        assert_eq!((puzzle.expires_at, puzzle.token.len()), (at(300), 76));
    }

    #[test]
    fn answer_counts_for_its_own_act_network_and_server_only() {
        let proof = solved(&codes().puzzle(HERE, 8, [1; NONCE], at(0)));

        assert!(!codes().is_proof(Purpose { act: "login", ..HERE }, &proof, at(0)));
        assert!(!codes().is_proof(Purpose { network: "198.51.100.0/24", ..HERE }, &proof, at(0)));
        assert!(!Codes::new(&[8; 32]).is_proof(HERE, &proof, at(0)));
    }

    #[test]
    fn answers_without_work_are_refused() {
        let puzzle = codes().puzzle(HERE, 30, [1; NONCE], at(0));
        let easier = codes().puzzle(HERE, 0, [1; NONCE], at(0));
        let (token, mut forged) = (&puzzle.token, puzzle.token.clone().into_bytes());
        forged[..12].copy_from_slice(&easier.token.as_bytes()[..12]);

        for proof in [
            String::new(),
            token.clone(),
            format!("{token}."),
            format!("{token}.1"),
            format!("{token}.x"),
            format!("{token}.{}", "1".repeat(21)),
            format!("{}.1", String::from_utf8(forged).unwrap()),
        ] {
            assert!(!codes().is_proof(HERE, &proof, at(0)), "{proof}");
        }
        assert!(codes().is_proof(HERE, &format!("{}.1", easier.token), at(0)));
    }

    #[test]
    fn zero_bits_are_counted_from_the_front() {
        assert_eq!(zero_bits(&[0xff]), 0);
        assert_eq!(zero_bits(&[0, 0x10]), 11);
        assert_eq!(zero_bits(&[0, 0]), 16);
    }
}
