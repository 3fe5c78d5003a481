//! Sets up PostgreSQL: the cluster and its settings. Roles and databases are those of `roles`.
//!
//! The settings that durability rests on (`fsync`, `full_page_writes`, `synchronous_commit`) are on here; nothing in
//! this module may weaken them.

use std::fs;
use std::path::Path;
use std::process::Stdio;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use nix::sys::signal::Signal;
use sqlx::postgres::PgConnectOptions;
use sqlx::{Connection, PgConnection};

use super::Tuning;
use super::endpoints::Endpoints;
use super::install::{Postgres, leading_number};
use super::layout::{Layout, owned_directory, remove, write_owned, write_shared};
use super::leftover::{self, Trace};
use super::process::{Launcher, Running, Server, SharedPid};
use super::roles::{self, SUPERUSER};
use super::startup::{Answer, bring_up};

const NAME: &str = "PostgreSQL";
const PID_FILE: &str = "postgres.pid";

/// SIGINT is the fast shutdown: it rolls back and writes a checkpoint. SIGQUIT leaves the rest to recovery.
const ENDING: &[(Signal, Duration)] = &[
    (Signal::SIGINT, Duration::from_secs(30)),
    (Signal::SIGQUIT, Duration::from_secs(10)),
    (Signal::SIGKILL, Duration::from_secs(10)),
];

const SETTINGS: &str = "\
# Written by Annals at each start. Changes belong in ALTER SYSTEM.
listen_addresses = '127.0.0.1'
unix_socket_directories = ''
max_connections = 200
shared_buffers = 128MB
wal_level = replica
min_wal_size = 256MB
max_wal_size = 4GB
checkpoint_timeout = 15min
fsync = on
full_page_writes = on
synchronous_commit = on
password_encryption = 'scram-sha-256'
client_connection_check_interval = 2s
jit = off
timezone = 'UTC'
datestyle = 'iso, mdy'
default_text_search_config = 'pg_catalog.english'
log_destination = 'stderr'
log_timezone = 'UTC'
log_line_prefix = '%m [%p] %d '
log_checkpoints = off
# Details and statements may hold personal data.
log_error_verbosity = terse
log_min_error_statement = panic
";

/// A PostgreSQL that an earlier program left on this data directory.
pub(super) fn trace(layout: &Layout) -> Trace {
    let data = layout.pgdata();
    let pid_files = vec![layout.run(PID_FILE), data.join("postmaster.pid")];
    Trace { name: NAME, mark: data.display().to_string(), pid_files, ending: ENDING }
}

pub(super) struct Plan<'a> {
    pub(super) layout: &'a Layout,
    pub(super) endpoints: &'a Endpoints,
    pub(super) launcher: &'a Launcher,
    pub(super) tuning: &'a Tuning,
    pub(super) pid: SharedPid,
}

impl Plan<'_> {
    /// Starts PostgreSQL; roles and both databases are there afterwards.
    pub(super) async fn start(&self) -> Result<Running> {
        let installed = Postgres::find(made_by(&self.layout.pgdata())?)?;
        if !self.layout.pgdata().exists() {
            self.create_cluster(&installed).await?;
        }
        write_shared(&self.layout.postgres_conf(), SETTINGS, self.launcher.account.as_ref())?;
        self.disown_foreign_pid()?;
        let running = bring_up(self.server(&installed), async || self.probe().await).await?;
        roles::arrange(self.endpoints).await.context("cannot make the roles and databases")?;
        Ok(running)
    }

    fn server(&self, installed: &Postgres) -> Arc<Server> {
        let data = self.layout.pgdata().display().to_string();
        let port = self.endpoints.postgres_port;
        let config = self.layout.postgres_conf();
        let mut arguments = vec!["-D".to_owned(), data, "-p".to_owned(), port.to_string()];
        arguments.extend(["-c".to_owned(), format!("config_file={}", config.display())]);
        for (name, value) in &self.tuning.settings {
            arguments.extend(["-c".to_owned(), format!("{name}={value}")]);
        }
        Arc::new(Server {
            name: NAME,
            launcher: self.launcher.clone(),
            program: installed.program("postgres"),
            arguments,
            pid_file: self.layout.run(PID_FILE),
            log: self.layout.run("postgres.log"),
            pid: self.pid.clone(),
            ending: ENDING,
        })
    }

    /// Works in a folder of its own, renamed at the end: an interrupted initdb leaves nothing that looks complete.
    async fn create_cluster(&self, installed: &Postgres) -> Result<()> {
        let fresh = self.layout.new_pgdata();
        let password = fresh.with_extension("password");
        write_shared(&password, &self.endpoints.postgres_password, self.launcher.account.as_ref())?;
        let mut made = Ok(());
        for locale in ["C.UTF-8", "C"] {
            made = self.initdb(installed, &fresh, &password, locale).await;
            if made.is_ok() {
                break;
            }
        }
        remove(&password)?;
        made?;
        Ok(fs::rename(&fresh, self.layout.pgdata())?)
    }

    async fn initdb(&self, installed: &Postgres, fresh: &Path, password: &Path, locale: &str) -> Result<()> {
        if fresh.exists() {
            fs::remove_dir_all(fresh)?;
        }
        owned_directory(fresh, self.launcher.account.as_ref())?;
        let mut command = self.launcher.command(&installed.program("initdb"));
        command.arg(format!("--username={SUPERUSER}"));
        command.args(["--encoding=UTF8", "--data-checksums", "--auth=scram-sha-256"]);
        command.args(self.tuning.disposable.then_some("--no-sync"));
        // Text is compared by its bytes, which needs no locale: the order of C.UTF-8, and a fifth less for a look-up.
        command
            .arg(format!("--locale={locale}"))
            .args(["--lc-collate=C", "--pwfile"])
            .arg(password)
            .arg("--pgdata")
            .arg(fresh);
        let output = command.stdout(Stdio::null()).output().await.context("cannot start initdb")?;
        let errors = String::from_utf8_lossy(&output.stderr);
        ensure!(output.status.success(), "initdb failed ({}):\n{}", output.status, errors.trim());
        Ok(())
    }

    /// Asks like any client: a server that is still recovering says so, and may take its time.
    async fn probe(&self) -> Answer {
        let ask = async {
            let mut connection = connect(&self.endpoints.admin_url()).await?;
            sqlx::query("SELECT 1").execute(&mut connection).await?;
            connection.close().await
        };
        match ask.await {
            Ok(()) => Answer::Ready,
            Err(sqlx::Error::Database(error)) if error.code().as_deref() == Some("57P03") => Answer::Busy,
            Err(error) => Answer::Silent(error.to_string()),
        }
    }

    /// PostgreSQL refuses to start while the pid in its stale lock file lives, and in a container the same few pids
    /// come again at each start, as somebody else. The file itself must stay: it leads to the shared memory by which
    /// PostgreSQL finds sessions that outlived their server.
    fn disown_foreign_pid(&self) -> Result<()> {
        const NOBODY: u32 = 99_999_999;
        let file = self.layout.pgdata().join("postmaster.pid");
        let Some(pid) = leftover::pid_in(&file) else { return Ok(()) };
        let mark = self.layout.pgdata().display().to_string();
        if leftover::is_running(pid, &mark) {
            return Ok(());
        }
        let text = fs::read_to_string(&file)?;
        let rest = text.split_once('\n').map_or("", |(_, rest)| rest);
        write_owned(&file, &format!("{NOBODY}\n{rest}"), self.launcher.account.as_ref())
    }
}

async fn connect(url: &str) -> sqlx::Result<PgConnection> {
    PgConnection::connect_with(&PgConnectOptions::from_str(url)?).await
}

/// The major version that made a cluster.
fn made_by(pgdata: &Path) -> Result<Option<u32>> {
    if !pgdata.exists() {
        return Ok(None);
    }
    let version = pgdata.join("PG_VERSION");
    let text = fs::read_to_string(&version).with_context(|| format!("cannot read {}", version.display()))?;
    Ok(leading_number(&text))
}
