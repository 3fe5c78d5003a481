//! Tests against the real binaries of this machine. They never signal a process by name.

mod crash;
mod life;
mod roles;
mod users;

use std::future::Future;
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use std::{env, fs};

use async_nats::jetstream::{self, consumer::PullConsumer, stream};
use async_nats::{Client, ConnectError, ConnectOptions, ServerAddr};
use futures::StreamExt;
use nix::sys::signal::Signal;
use sqlx::{Connection, Executor, PgConnection};
use tokio::time::{sleep, timeout};

use super::account::Account;
use super::process::send;
use super::*;

/// Where the child of the kill test finds its data directory.
const CHILD_DATA_DIR: &str = "ANNALS_TEST_EMBEDDED_CHILD";
const LIMIT: Duration = Duration::from_secs(30);

/// A directory of its own that every user may enter, removed at the end.
struct Scratch(PathBuf);

impl Scratch {
    fn new(name: &str) -> Self {
        let path = env::temp_dir().join(format!("annals-embedded-{name}-{}", std::process::id()));
        fs::remove_dir_all(&path).ok();
        fs::DirBuilder::new().mode(0o755).create(&path).unwrap();
        Self(path)
    }

    fn data(&self) -> PathBuf {
        self.0.join("data")
    }

    fn options(&self) -> Options {
        Options { postgres: Tuning::default().disposable(), ..Options::new(self.data()) }
    }

    async fn start(&self) -> Embedded {
        Embedded::start(self.options()).await.unwrap()
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        fs::remove_dir_all(&self.0).ok();
    }
}

async fn within<T>(what: &str, work: impl Future<Output = T>) -> T {
    timeout(LIMIT, work).await.unwrap_or_else(|_| panic!("not within {LIMIT:?}: {what}"))
}

async fn until(what: &str, mut condition: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !condition() {
        assert!(begun.elapsed() < LIMIT, "not within {LIMIT:?}: {what}");
        sleep(Duration::from_millis(20)).await;
    }
}

/// Gone, or a zombie that its new parent has not looked at yet.
fn is_gone(pid: u32) -> bool {
    let listed = Command::new("ps").args(["-o", "stat=", "-p", &pid.to_string()]).output().unwrap();
    let state = String::from_utf8(listed.stdout).unwrap();
    state.trim().is_empty() || state.starts_with('Z')
}

async fn execute(url: &str, statement: &str) {
    let mut connection = PgConnection::connect(url).await.unwrap();
    connection.execute(statement).await.unwrap();
    connection.close().await.unwrap();
}

async fn setting(url: &str, name: &str) -> String {
    let mut connection = PgConnection::connect(url).await.unwrap();
    sqlx::query_scalar("SELECT current_setting($1)").bind(name).fetch_one(&mut connection).await.unwrap()
}

async fn answers(url: &str) -> bool {
    PgConnection::connect(url).await.is_ok()
}

async fn connect(embedded: &Embedded, user: User) -> Result<Client, ConnectError> {
    let address: ServerAddr = embedded.nats_url(user).parse().unwrap();
    let (name, password) = (address.username().unwrap(), address.password().unwrap());
    ConnectOptions::with_user_and_password(name.into(), password.into()).connect(&address).await
}

async fn jetstream_of(embedded: &Embedded, user: User) -> jetstream::Context {
    let client = connect(embedded, user).await.unwrap();
    let mut jetstream = jetstream::new(client);
    jetstream.set_timeout(Duration::from_secs(1));
    jetstream
}

async fn with_stream(embedded: &Embedded) -> jetstream::Context {
    let relay = jetstream_of(embedded, User::Relay).await;
    let config = stream::Config {
        name: "ANNALS".into(),
        subjects: vec!["annals.events.>".into()],
        ..Default::default()
    };
    relay.create_stream(config).await.unwrap();
    relay.publish("annals.events.user.user_registered", "{}".into()).await.unwrap().await.unwrap();
    relay
}
