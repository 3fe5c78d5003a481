//! The private PostgreSQL and NATS servers of a program that has no external ones.
//!
//! They are the installed binaries of the machine, run on loopback with a data directory of ours. The program watches,
//! restarts and stops them. They are the real servers: nothing here may become a second storage implementation, and
//! nothing outside this module may depend on whether a server is embedded.
//!
//! A process is stopped only if its pid was written by us *and* its command line names our data directory.
//! Look next at `keeper` for the life of both servers, `postgres` and `nats` for the setup of each.

mod account;
mod endpoints;
mod install;
mod keeper;
mod layout;
mod leftover;
mod lock;
mod nats;
mod postgres;
mod process;
pub mod roles;
mod startup;
mod supervise;
#[cfg(test)]
mod tests;

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{Context, Result};
use nix::sys::signal::Signal;
use tokio::sync::oneshot;

pub use endpoints::{Endpoints, User};
use keeper::Control;

/// What to start, and where.
#[derive(Clone, Debug)]
pub struct Options {
    /// Created when missing. One program at a time may use it.
    pub data_dir: PathBuf,
    /// Settings beyond the built-in ones.
    pub postgres: Tuning,
    /// This nats-server instead of the first one found.
    pub nats_server: Option<PathBuf>,
    /// For tests: the NATS users may use any stream and any subject, each still only in its own way.
    pub nats_open: bool,
}

impl Options {
    pub fn new(data_dir: impl Into<PathBuf>) -> Self {
        Self { data_dir: data_dir.into(), postgres: Tuning::default(), nats_server: None, nats_open: false }
    }
}

/// PostgreSQL settings that win over the built-in ones, as on its command line with `-c`.
#[derive(Clone, Debug, Default)]
pub struct Tuning {
    settings: Vec<(String, String)>,
    disposable: bool,
}

impl Tuning {
    #[must_use]
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.settings.push((name.to_owned(), value.to_owned()));
        self
    }

    /// For tests: making the database does not wait for the disk. Commits do, as ever.
    #[must_use]
    pub fn disposable(mut self) -> Self {
        self.disposable = true;
        self
    }
}

/// Two running servers. They end with [`Embedded::stop`], in the background when this is dropped, and on Linux also
/// when the program is killed.
///
/// They live on a thread of their own: the async runtime that called [`Embedded::start`] may end before them.
pub struct Embedded {
    endpoints: Endpoints,
    control: Arc<Control>,
    finished: Option<oneshot::Receiver<()>>,
}

impl Embedded {
    /// Starts both servers and returns when both answer.
    ///
    /// # Errors
    /// When the binaries are missing or too old, another program holds the data directory, the directory cannot be
    /// entered by the user that PostgreSQL must run as, or a server does not come up (with the end of its log).
    pub async fn start(options: Options) -> Result<Self> {
        let control = Arc::new(Control::default());
        let (started, start) = oneshot::channel();
        let (finish, finished) = oneshot::channel();
        keeper::spawn(options, Arc::clone(&control), started, finish)?;
        let endpoints = start.await.context("the thread of the embedded servers ended early")??;
        Ok(Self { endpoints, control, finished: Some(finished) })
    }

    /// Ports and passwords, to keep when the handle itself has to move elsewhere.
    #[must_use]
    pub fn endpoints(&self) -> &Endpoints {
        &self.endpoints
    }

    /// As [`Endpoints::postgres_url`].
    #[must_use]
    pub fn postgres_url(&self) -> String {
        self.endpoints.postgres_url()
    }

    /// As [`Endpoints::keys_url`].
    #[must_use]
    pub fn keys_url(&self) -> String {
        self.endpoints.keys_url()
    }

    /// As [`Endpoints::admin_url`].
    #[must_use]
    pub fn admin_url(&self) -> String {
        self.endpoints.admin_url()
    }

    /// As [`Endpoints::nats_url`].
    #[must_use]
    pub fn nats_url(&self, user: User) -> String {
        self.endpoints.nats_url(user)
    }

    /// Pids of PostgreSQL and NATS; `None` while one is down.
    #[must_use]
    pub fn pids(&self) -> (Option<u32>, Option<u32>) {
        (self.control.postgres.get(), self.control.nats.get())
    }

    /// Kills NATS as a crash would. The supervisor starts it again, unless suspended.
    pub fn kill_nats(&self) {
        self.control.nats.signal(Signal::SIGKILL);
    }

    /// Kills the PostgreSQL postmaster as a crash would. The supervisor starts it again, unless suspended.
    pub fn kill_postgres(&self) {
        self.control.postgres.signal(Signal::SIGKILL);
    }

    /// While suspended, a server that dies stays down.
    pub fn suspend_supervision(&self, suspended: bool) {
        self.control.suspended.send_replace(suspended);
    }

    /// Ends both servers and waits for it: PostgreSQL with a fast shutdown, each with a bound and then by force.
    pub async fn stop(mut self) {
        self.control.stop.cancel();
        if let Some(finished) = self.finished.take() {
            // The sender is dropped, never used: the end of the thread is the signal.
            finished.await.ok();
        }
    }
}

impl Drop for Embedded {
    fn drop(&mut self) {
        self.control.stop.cancel();
    }
}
