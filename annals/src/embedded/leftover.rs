//! Ends what a killed program left running on our data directory.
//!
//! A pid alone proves nothing, because pids are used again: the process must carry our path in its command line.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use nix::sys::signal::Signal;
use tokio::time::sleep;

use super::install::leading_number;
use super::process::send;

/// By what a server is known that an earlier program started.
pub(super) struct Trace {
    pub(super) name: &'static str,
    /// An argument in its command line that only this server on this data directory has.
    pub(super) mark: String,
    pub(super) pid_files: Vec<PathBuf>,
    pub(super) ending: &'static [(Signal, Duration)],
}

/// Stops a server whose pid is in one of the files, if it is the one meant. Call it only under the lock.
pub(super) async fn stop(trace: Trace) -> Result<()> {
    for pid in trace.pid_files.iter().filter_map(|file| pid_in(file)) {
        if is_running(pid, &trace.mark) {
            tracing::warn!(server = trace.name, pid, "stopping a server that an earlier program left behind");
            end(&trace, pid).await?;
        }
    }
    Ok(())
}

async fn end(trace: &Trace, pid: u32) -> Result<()> {
    for &(signal, patience) in trace.ending {
        send(pid, signal);
        send(pid, Signal::SIGCONT);
        let begun = Instant::now();
        while begun.elapsed() < patience {
            if !is_running(pid, &trace.mark) {
                return Ok(());
            }
            sleep(Duration::from_millis(20)).await;
        }
    }
    bail!("{} (pid {pid}) was left behind by an earlier program and does not end", trace.name)
}

/// The first number of a pid file; PostgreSQL's own has more lines.
pub(super) fn pid_in(file: &Path) -> Option<u32> {
    leading_number(&fs::read_to_string(file).ok()?)
}

/// Whether this process carries the mark as an argument. A zombie has no arguments any more.
pub(super) fn is_running(pid: u32, mark: &str) -> bool {
    if Path::new("/proc/self/cmdline").exists() {
        let arguments = fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
        return arguments.split(|&byte| byte == 0).any(|argument| argument == mark.as_bytes());
    }
    let listed = Command::new("ps").args(["-ww", "-o", "args=", "-p", &pid.to_string()]).output();
    listed.is_ok_and(|listed| String::from_utf8_lossy(&listed.stdout).contains(mark))
}
