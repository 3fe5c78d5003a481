//! Random choices that a printed seed repeats.

use crate::samples;
use std::time::Duration;

/// SplitMix64.
pub struct Dice(u64);

impl Dice {
    /// From `ANNALS_SEED` if that is a number, else a new seed; prints it.
    pub fn from_environment() -> Self {
        let given = std::env::var_os("ANNALS_SEED").and_then(|seed| seed.to_str()?.parse().ok());
        let seed = given.unwrap_or_else(|| {
            let [a, b, c, d, ..] = samples::random();
            u64::from(u32::from_be_bytes([a, b, c, d]))
        });
        println!("ANNALS_SEED={seed}");
        Self(seed)
    }

    /// Dice of one's own, so that who throws first changes nobody else's throws.
    pub fn fork(&mut self) -> Self {
        Self(self.next())
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub fn below(&mut self, bound: usize) -> usize {
        (self.next() % bound as u64) as usize
    }

    pub fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.below(from.len())]
    }

    pub fn millis(&mut self, least: usize, most: usize) -> Duration {
        Duration::from_millis((least + self.below(most - least + 1)) as u64)
    }

    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            items.swap(last, self.below(last + 1));
        }
    }
}
