//! Ports and passwords: generated once, kept in the data directory, the same at the next start where possible.

use std::fmt::{self, Write};
use std::fs;
use std::io::ErrorKind;
use std::net::TcpListener;
use std::path::Path;

use anyhow::{Context, Result, anyhow, ensure};
use aws_lc_rs::rand::{SecureRandom, SystemRandom};
use serde::{Deserialize, Serialize};

use super::layout::{Layout, write_private};
use super::lock::Lock;
use super::roles::{KEYS, KEYS_DATABASE, LOG, LOG_DATABASE, OWNER, READER, SUPERUSER};

/// Below the ports that systems hand out for outgoing connections: no such connection can take ours during a restart.
const PORTS: std::ops::Range<u16> = 15_000..30_000;

/// Who a NATS connection is: what each may do is in the server's configuration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum User {
    /// Publishes events and manages the stream.
    Relay,
    /// Subscribes, and reads the stream.
    Roles,
    /// Publishes under the ingest subject, nothing else.
    Ingest,
    /// Other people's programs: reads the stream, also with durable consumers.
    ReadOnly,
}

impl User {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Relay => "relay",
            Self::Roles => "roles",
            Self::Ingest => "ingest",
            Self::ReadOnly => "readonly",
        }
    }
}

/// How to reach the embedded servers of one data directory. All URLs carry passwords.
#[derive(Clone, Deserialize, Serialize)]
pub struct Endpoints {
    pub(super) postgres_port: u16,
    /// The superuser's: for the supervisor alone.
    pub(super) postgres_password: String,
    /// Absent in the file of an earlier program, which knew the superuser only.
    #[serde(default)]
    log_password: String,
    #[serde(default)]
    keys_password: String,
    #[serde(default)]
    reader_password: String,
    pub(super) nats_port: u16,
    relay_password: String,
    roles_password: String,
    ingest_password: String,
    readonly_password: String,
}

impl Endpoints {
    /// Those of the program that is running on a data directory now, if one is.
    ///
    /// # Errors
    /// When one is running and its file cannot be read, for example by another user.
    pub fn of_running(data_dir: &Path) -> Result<Option<Self>> {
        match Layout::existing(data_dir) {
            Some(layout) if Lock::is_held(&layout.run("lock")) => read(&layout),
            _ => Ok(None),
        }
    }

    /// The remembered ones, with a new port for each that is taken; else new ones.
    pub(super) fn remember(layout: &Layout) -> Result<Self> {
        let mut endpoints = match read(layout)? {
            Some(known) => known,
            None => Self::generate(layout)?,
        };
        endpoints.add_roles()?;
        endpoints.postgres_port = keep_or_pick(endpoints.postgres_port, 0)?;
        endpoints.nats_port = keep_or_pick(endpoints.nats_port, endpoints.postgres_port)?;
        write_private(&layout.endpoints(), &serde_json::to_string_pretty(&endpoints)?)?;
        Ok(endpoints)
    }

    fn generate(layout: &Layout) -> Result<Self> {
        ensure!(
            !layout.pgdata().exists(),
            "{} is missing, and with it the password of the database in {}: restore it",
            layout.endpoints().display(),
            layout.pgdata().display(),
        );
        Ok(Self {
            postgres_port: 0,
            postgres_password: password()?,
            log_password: String::new(),
            keys_password: String::new(),
            reader_password: String::new(),
            nats_port: 0,
            relay_password: password()?,
            roles_password: password()?,
            ingest_password: password()?,
            readonly_password: password()?,
        })
    }

    fn add_roles(&mut self) -> Result<()> {
        for role in [&mut self.log_password, &mut self.keys_password, &mut self.reader_password] {
            if role.is_empty() {
                *role = password()?;
            }
        }
        Ok(())
    }

    /// The event log's database, as the program's role there.
    #[must_use]
    pub fn postgres_url(&self) -> String {
        self.database_url((LOG, &self.log_password), LOG_DATABASE)
    }

    /// The key store's database, as the program's role there.
    #[must_use]
    pub fn keys_url(&self) -> String {
        self.database_url((KEYS, &self.keys_password), KEYS_DATABASE)
    }

    /// The event log's database, for those who only look.
    #[must_use]
    pub fn reader_url(&self) -> String {
        self.database_url((READER, &self.reader_password), LOG_DATABASE)
    }

    /// The event log's database as the owner of its tables, for migrations.
    #[must_use]
    pub fn owner_url(&self) -> String {
        self.owning_url(LOG_DATABASE)
    }

    /// The key store's database as the owner of its tables, for migrations.
    #[must_use]
    pub fn keys_owner_url(&self) -> String {
        self.owning_url(KEYS_DATABASE)
    }

    /// Any database as the superuser. For the supervisor's own work, and for tests.
    #[must_use]
    pub fn supervisor_url(&self, database: &str) -> String {
        self.database_url((SUPERUSER, &self.postgres_password), database)
    }

    /// The database `postgres` as the superuser.
    #[must_use]
    pub fn admin_url(&self) -> String {
        self.supervisor_url("postgres")
    }

    /// Nobody logs in as the owner: a session of the superuser takes its part.
    fn owning_url(&self, database: &str) -> String {
        format!("{}&options[role]={OWNER}", self.supervisor_url(database))
    }

    pub(super) fn log_password(&self) -> &str {
        &self.log_password
    }

    pub(super) fn keys_password(&self) -> &str {
        &self.keys_password
    }

    pub(super) fn reader_password(&self) -> &str {
        &self.reader_password
    }

    /// User and password are in the URL; async-nats 0.51 ignores them there and wants them in its `ConnectOptions`.
    #[must_use]
    pub fn nats_url(&self, user: User) -> String {
        format!("nats://{}:{}@127.0.0.1:{}", user.name(), self.nats_password(user), self.nats_port)
    }

    pub(super) fn nats_password(&self, user: User) -> &str {
        match user {
            User::Relay => &self.relay_password,
            User::Roles => &self.roles_password,
            User::Ingest => &self.ingest_password,
            User::ReadOnly => &self.readonly_password,
        }
    }

    fn database_url(&self, (role, password): (&str, &str), database: &str) -> String {
        let port = self.postgres_port;
        format!("postgres://{role}:{password}@127.0.0.1:{port}/{database}?sslmode=disable")
    }
}

/// Without the passwords.
impl fmt::Debug for Endpoints {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ports = (self.postgres_port, self.nats_port);
        f.debug_struct("Endpoints").field("ports", &ports).finish_non_exhaustive()
    }
}

fn read(layout: &Layout) -> Result<Option<Endpoints>> {
    let path = layout.endpoints();
    let parse = |text: String| serde_json::from_str(&text).map(Some).map_err(anyhow::Error::from);
    match fs::read_to_string(&path) {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        text => text
            .map_err(Into::into)
            .and_then(parse)
            .with_context(|| format!("cannot read {}", path.display())),
    }
}

fn keep_or_pick(port: u16, other: u16) -> Result<u16> {
    if port != 0 && port != other && is_free(port) {
        return Ok(port);
    }
    for _ in 0..200 {
        let candidate = PORTS.start + u16::from_be_bytes(random()?) % (PORTS.end - PORTS.start);
        if candidate != other && is_free(candidate) {
            return Ok(candidate);
        }
    }
    Err(anyhow!("no free port between {} and {} on 127.0.0.1", PORTS.start, PORTS.end))
}

fn is_free(port: u16) -> bool {
    TcpListener::bind(("127.0.0.1", port)).is_ok()
}

fn password() -> Result<String> {
    let mut text = String::with_capacity(48);
    for byte in random::<24>()? {
        write!(text, "{byte:02x}")?;
    }
    Ok(text)
}

fn random<const N: usize>() -> Result<[u8; N]> {
    let mut bytes = [0; N];
    SystemRandom::new().fill(&mut bytes).map_err(|_| anyhow!("the system has no randomness"))?;
    Ok(bytes)
}
