//! Retries of a job: how many, and how long between them.

use std::time::Duration;

/// The pace of the queue. The defaults suit production; tests shorten them.
#[derive(Clone, Copy, Debug)]
pub struct Tuning {
    /// A running job whose worker shows no life for so long is taken again.
    pub lease: Duration,
    /// Before the second try; doubled before each further one.
    pub first_delay: Duration,
    pub longest_delay: Duration,
    /// Tries before a job is parked: with these defaults about 20 minutes, past any greylisting.
    pub max_attempts: u32,
    /// Between looks at the table while nothing wakes the worker: jobs of other nodes, retries, lost leases.
    pub poll: Duration,
    /// Erasures of registrations that are over wait so long for each other, so that they share a purge of the disks.
    pub gather: Duration,
}

impl Default for Tuning {
    fn default() -> Self {
        Self {
            lease: Duration::from_secs(30),
            first_delay: Duration::from_secs(1),
            longest_delay: Duration::from_secs(300),
            max_attempts: 12,
            poll: Duration::from_millis(200),
            gather: Duration::from_secs(300),
        }
    }
}

impl Tuning {
    /// Between the given try (1 is the first) and the next. No jitter: a worker takes only what it has room for,
    /// so that retries falling due together do not arrive together.
    pub(super) fn delay(&self, attempt: u32) -> Duration {
        let doubled = 2_u32.saturating_pow(attempt.saturating_sub(1));
        self.first_delay.saturating_mul(doubled).min(self.longest_delay)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delays_double_up_to_the_longest() {
        let tuning = Tuning::default();

        let delays: Vec<u64> = (1..=11).map(|attempt| tuning.delay(attempt).as_secs()).collect();

        assert_eq!(delays, [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300]);
        assert_eq!(tuning.delay(u32::MAX), tuning.longest_delay);
    }
}
