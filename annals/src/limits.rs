//! Limits that the system sets for this process.

use nix::sys::resource::{Resource, getrlimit, setrlimit};

/// Open files beside the connections of clients and those of the pool: of NATS, logs, keys, mails, and the program's own.
const KEPT: u64 = 96;
/// Of the databases beside the pool: loads, jobs, keys, cursors.
const BESIDE_THE_POOL: u64 = 32;

/// Lets the process have as many open files as the system allows it at most: each connection is one, and the usual
/// limit is 1,024. Where that is refused everything works, with fewer connections. Returns how many there may be.
pub fn raise_open_files() -> u64 {
    let raised = getrlimit(Resource::RLIMIT_NOFILE).and_then(|(now, most)| {
        if now < most { setrlimit(Resource::RLIMIT_NOFILE, most, most) } else { Ok(()) }
    });
    if let Err(error) = raised {
        tracing::warn!(%error, "the limit of open files stays");
    }
    getrlimit(Resource::RLIMIT_NOFILE).map_or(1_024, |(now, _)| now)
}

/// How many clients may be connected where so many files may be open: what databases and health need is kept.
pub fn connections(wanted: usize, spare: usize, files: u64, pool_size: u32) -> usize {
    let kept = KEPT + BESIDE_THE_POOL + u64::from(pool_size) + spare as u64;
    // However few there are, somebody must be answered.
    let most = files.saturating_sub(kept).max(files / 4);
    let fitting = usize::try_from(most).unwrap_or(usize::MAX).min(wanted);
    if fitting < wanted {
        tracing::warn!(files, fitting, wanted, "the limit of open files allows fewer connections");
    }
    fitting
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_databases_and_health_need_is_kept() {
        assert_eq!(connections(10_000, 16, 1_000_000, 16), 10_000);
        assert_eq!(connections(10_000, 16, 1_024, 16), 1_024 - 160);
        assert_eq!(connections(10_000, 16, 128, 16), 32);
    }
}
