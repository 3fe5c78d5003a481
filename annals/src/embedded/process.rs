//! One server process: how it is started, known by its pid, and ended.

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io::{Read, Seek, SeekFrom};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use anyhow::{Context, Result};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use tokio::process::{Child, Command};
use tokio::time::{MissedTickBehavior, interval, timeout};

use super::account::Account;
use super::install::find_program;
use super::layout::{remove, write_private};

const LOG_LIMIT: u64 = 8 * 1024 * 1024;

/// The pid of a server, seen from everywhere; none while it is down.
#[derive(Clone, Debug, Default)]
pub(super) struct SharedPid(Arc<AtomicU32>);

impl SharedPid {
    pub(super) fn get(&self) -> Option<u32> {
        Some(self.0.load(Ordering::Acquire)).filter(|&pid| pid != 0)
    }

    pub(super) fn signal(&self, signal: Signal) {
        if let Some(pid) = self.get() {
            send(pid, signal);
        }
    }

    fn set(&self, pid: Option<u32>) {
        self.0.store(pid.unwrap_or(0), Ordering::Release);
    }
}

/// Signals one process. One that is gone already is what the sender wanted, or finds out by waiting.
pub(super) fn send(pid: u32, signal: Signal) {
    if let Some(pid) = i32::try_from(pid).ok().filter(|&pid| pid > 1) {
        kill(Pid::from_raw(pid), signal).ok();
    }
}

/// How programs are started: as whom, and tied to our life where the system can.
#[derive(Clone, Debug)]
pub(super) struct Launcher {
    pub(super) account: Option<Account>,
    setpriv: Option<PathBuf>,
}

impl Launcher {
    pub(super) async fn new(account: Option<Account>) -> Self {
        Self { account, setpriv: working_setpriv().await }
    }

    /// A command that must be spawned on a thread that lives as long as the server should: the signal that ends it
    /// with us is sent when the spawning *thread* ends.
    pub(super) fn command(&self, program: &Path) -> Command {
        let mut command = match &self.setpriv {
            Some(setpriv) => self.through_setpriv(setpriv, program),
            None => self.directly(program),
        };
        // A Ctrl-C at the terminal is for us: the servers must live until the last request is finished.
        command.process_group(0).current_dir("/").stdin(Stdio::null());
        command.env_clear().envs(kept_environment()).env("LC_ALL", "C");
        command
    }

    fn through_setpriv(&self, setpriv: &Path, program: &Path) -> Command {
        let mut command = Command::new(setpriv);
        if let Some(account) = &self.account {
            // The kernel forgets the signal when the user changes, so setpriv has to do both, in its order.
            command.arg(format!("--reuid={}", account.uid)).arg(format!("--regid={}", account.gid));
            command.arg("--clear-groups");
        }
        command.args(["--pdeathsig", "INT", "--"]).arg(program);
        command
    }

    fn directly(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        if let Some(account) = &self.account {
            command.uid(account.uid).gid(account.gid);
        }
        command
    }
}

/// `setpriv` of util-linux; the one of busybox knows no `--pdeathsig`.
async fn working_setpriv() -> Option<PathBuf> {
    let setpriv = find_program("setpriv")?;
    let trial = Command::new(&setpriv)
        .args(["--pdeathsig", "INT", "--", "true"])
        .stderr(Stdio::null())
        .status()
        .await;
    trial.is_ok_and(|status| status.success()).then_some(setpriv)
}

fn kept_environment() -> impl Iterator<Item = (&'static str, OsString)> {
    let names = ["PATH", "TMPDIR", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH"];
    names.into_iter().filter_map(|name| std::env::var_os(name).map(|value| (name, value)))
}

/// What a server is, whether it runs or not.
pub(super) struct Server {
    pub(super) name: &'static str,
    pub(super) launcher: Launcher,
    pub(super) program: PathBuf,
    pub(super) arguments: Vec<String>,
    pub(super) pid_file: PathBuf,
    pub(super) log: PathBuf,
    pub(super) pid: SharedPid,
    /// Signals that end it, gentle ones first, and how long each may take.
    pub(super) ending: &'static [(Signal, Duration)],
}

impl Server {
    pub(super) fn spawn(self: &Arc<Self>) -> Result<Running> {
        bound_log(&self.log)?;
        let log = OpenOptions::new().append(true).create(true).mode(0o600).open(&self.log)?;
        let log_start = log.metadata()?.len();
        let mut command = self.launcher.command(&self.program);
        command.args(&self.arguments).stdout(log.try_clone()?).stderr(log);
        let child = command.spawn().with_context(|| format!("cannot start {}", self.program.display()))?;
        let running = Running { server: Arc::clone(self), child, log_start };
        running.publish_pid()?;
        Ok(running)
    }
}

/// A server with its process.
pub(super) struct Running {
    pub(super) server: Arc<Server>,
    child: Child,
    log_start: u64,
}

impl Running {
    fn publish_pid(&self) -> Result<()> {
        let pid = self.child.id();
        self.server.pid.set(pid);
        write_private(&self.server.pid_file, &pid.map(|pid| pid.to_string()).unwrap_or_default())
    }

    pub(super) fn ended(&mut self) -> Result<Option<ExitStatus>> {
        Ok(self.child.try_wait()?)
    }

    /// Waits for its end, and keeps its log within bounds meanwhile.
    pub(super) async fn until_end(&mut self) -> std::io::Result<ExitStatus> {
        let mut minute = interval(Duration::from_mins(1));
        minute.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                status = self.child.wait() => return status,
                _ = minute.tick() => {
                    if let Err(error) = bound_log(&self.server.log) {
                        tracing::warn!(server = self.server.name, %error, "cannot bound the log of an embedded server");
                    }
                }
            }
        }
    }

    /// The last lines that it wrote to its log, for an error message.
    pub(super) fn log_tail(&self) -> String {
        let text = text_from(&self.server.log, self.log_start).unwrap_or_default();
        let lines: Vec<&str> = text.lines().collect();
        lines[lines.len().saturating_sub(12)..].join("\n")
    }

    /// Ends it, by force at last.
    pub(super) async fn stop(mut self) {
        for &(signal, patience) in self.server.ending {
            self.signal(signal);
            self.signal(Signal::SIGCONT);
            if timeout(patience, self.child.wait()).await.is_ok() {
                break;
            }
        }
        self.forget();
    }

    /// Its process is gone; what is left is what it takes to start it again.
    pub(super) fn forget(self) -> Arc<Server> {
        self.server.pid.set(None);
        remove(&self.server.pid_file).ok();
        Arc::clone(&self.server)
    }

    fn signal(&self, signal: Signal) {
        if let Some(pid) = self.child.id() {
            send(pid, signal);
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if let Some(&(signal, _)) = self.server.ending.first() {
            self.signal(signal);
        }
    }
}

/// Copies and truncates, so that the server goes on writing to the file it has open.
fn bound_log(log: &Path) -> Result<()> {
    if fs::metadata(log).is_ok_and(|data| data.len() > LOG_LIMIT) {
        fs::copy(log, log.with_extension("log.1"))?;
        OpenOptions::new().write(true).truncate(true).open(log)?;
    }
    Ok(())
}

fn text_from(path: &Path, start: u64) -> Result<String> {
    const MOST: u64 = 8 * 1024;
    let mut file = File::open(path)?;
    let length = file.metadata()?.len();
    file.seek(SeekFrom::Start(start.max(length.saturating_sub(MOST))))?;
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}
