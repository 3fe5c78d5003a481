//! Time, ids and randomness: the one place where they are taken from the machine.

use chrono::{DateTime, SubsecRound, Utc};
use std::sync::{
    Arc, Mutex, PoisonError,
    atomic::{AtomicU64, Ordering},
};

/// What time it is.
pub trait Clock: Send + Sync + 'static {
    /// In microseconds, the precision of the log.
    fn now(&self) -> DateTime<Utc>;
}

/// The machine's clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is the Clock that everybody else is to use")]
    fn now(&self) -> DateTime<Utc> {
        Utc::now().trunc_subsecs(6)
    }
}

/// A clock that stands still until it is set: for tests.
#[derive(Clone, Debug)]
pub struct FixedClock(Arc<Mutex<DateTime<Utc>>>);

impl FixedClock {
    pub fn new(at: DateTime<Utc>) -> Self {
        Self(Arc::new(Mutex::new(at)))
    }

    pub fn set(&self, at: DateTime<Utc>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = at;
    }
}

impl Clock for FixedClock {
    fn now(&self) -> DateTime<Utc> {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Where random bytes come from: ids, salts.
pub trait Mint: Send + Sync + 'static {
    fn fill(&self, bytes: &mut [u8]);

    /// The random part of a new UUIDv7, see `domain::ids`.
    fn id_bytes(&self) -> [u8; 10] {
        let mut bytes = [0; 10];
        self.fill(&mut bytes);
        bytes
    }
}

/// The operating system's generator, through aws-lc.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemMint;

impl Mint for SystemMint {
    fn fill(&self, bytes: &mut [u8]) {
        if aws_lc_rs::rand::fill(bytes).is_err() {
            // A machine without randomness would repeat ids and salts: stopping is the lesser evil.
            std::process::abort();
        }
    }
}

/// The same bytes in the same order at every run: for tests.
#[derive(Debug, Default)]
pub struct SeededMint(AtomicU64);

impl SeededMint {
    pub const fn new(seed: u64) -> Self {
        Self(AtomicU64::new(seed))
    }
}

impl Mint for SeededMint {
    fn fill(&self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(8) {
            let word = mix(self.0.fetch_add(0x9e37_79b9_7f4a_7c15, Ordering::Relaxed)).to_le_bytes();
            chunk.copy_from_slice(&word[..chunk.len()]);
        }
    }
}

/// SplitMix64's output function.
const fn mix(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn system_ids_differ() {
        assert_ne!(SystemMint.id_bytes(), SystemMint.id_bytes());
    }

    #[test]
    fn seeded_ids_differ_from_one_another_and_repeat_by_run() {
        let (one, other) = (SeededMint::new(7), SeededMint::new(7));
        let first = one.id_bytes();

        assert_eq!(first, other.id_bytes());
        assert_ne!(first, one.id_bytes());
    }

    #[test]
    fn system_clock_has_the_precision_of_the_log() {
        assert_eq!(SystemClock.now().timestamp_subsec_nanos() % 1_000, 0);
    }
}
