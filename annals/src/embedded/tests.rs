//! Tests against the real binaries of this machine. They never signal a process by name.

use std::future::Future;
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use std::{env, fs};

use async_nats::jetstream::{self, consumer::PullConsumer, stream};
use async_nats::{Client, ConnectError, ConnectOptions, ServerAddr};
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

#[tokio::test]
async fn first_start_makes_two_durable_utf8_databases() {
    let scratch = Scratch::new("first");

    let embedded = Embedded::start(Options::new(scratch.data())).await.unwrap();

    for url in [embedded.postgres_url(), embedded.keys_url(), embedded.admin_url()] {
        assert_eq!(setting(&url, "server_encoding").await, "UTF8");
    }
    for name in ["fsync", "full_page_writes", "synchronous_commit", "data_checksums"] {
        assert_eq!(setting(&embedded.postgres_url(), name).await, "on", "{name}");
    }
    assert_eq!(setting(&embedded.postgres_url(), "listen_addresses").await, "127.0.0.1");
    embedded.stop().await;
}

#[tokio::test]
async fn second_start_finds_the_data_at_the_same_urls() {
    let scratch = Scratch::new("second");
    let first = scratch.start().await;
    execute(&first.postgres_url(), "CREATE TABLE kept AS SELECT 1").await;
    with_stream(&first).await;
    let urls = (first.postgres_url(), first.nats_url(User::Relay));
    let (postgres, nats) = first.pids();
    first.stop().await;
    assert!(is_gone(postgres.unwrap()) && is_gone(nats.unwrap()), "stop waits for both ends");

    let second = scratch.start().await;

    assert_eq!((second.postgres_url(), second.nats_url(User::Relay)), urls);
    execute(&second.postgres_url(), "SELECT * FROM kept").await;
    let mut stream = jetstream_of(&second, User::Roles).await.get_stream("ANNALS").await.unwrap();
    assert_eq!(stream.info().await.unwrap().state.messages, 1);
    second.stop().await;
}

#[tokio::test]
async fn a_taken_port_is_replaced_by_another() {
    let scratch = Scratch::new("port");
    let first = scratch.start().await;
    let taken = first.endpoints().nats_port;
    first.stop().await;
    let _other = std::net::TcpListener::bind(("127.0.0.1", taken)).unwrap();

    let second = scratch.start().await;

    assert_ne!(second.endpoints().nats_port, taken);
    second.stop().await;
}

#[tokio::test]
async fn tuning_wins_over_the_built_in_settings() {
    let scratch = Scratch::new("tuning");
    let mut options = scratch.options();
    options.postgres =
        Tuning::default().disposable().with("shared_buffers", "32MB").with("max_connections", "50");

    let embedded = Embedded::start(options).await.unwrap();

    assert_eq!(setting(&embedded.postgres_url(), "shared_buffers").await, "32MB");
    assert_eq!(setting(&embedded.postgres_url(), "max_connections").await, "50");
    embedded.stop().await;
}

#[tokio::test]
async fn killed_servers_come_back_on_the_same_ports() {
    let scratch = Scratch::new("restart");
    let embedded = scratch.start().await;
    let before = embedded.pids();

    embedded.kill_postgres();
    embedded.kill_nats();

    let is_new = |pids: (Option<u32>, Option<u32>)| {
        pids.0.is_some_and(|pid| Some(pid) != before.0) && pids.1.is_some_and(|pid| Some(pid) != before.1)
    };
    until("both servers have new pids", || is_new(embedded.pids())).await;
    within("PostgreSQL answers", async {
        while !answers(&embedded.postgres_url()).await {
            sleep(Duration::from_millis(50)).await;
        }
    })
    .await;
    within("NATS answers", async {
        while connect(&embedded, User::Roles).await.is_err() {
            sleep(Duration::from_millis(50)).await;
        }
    })
    .await;
    embedded.stop().await;
}

#[tokio::test]
async fn a_server_stays_down_while_supervision_is_suspended() {
    let scratch = Scratch::new("suspend");
    let embedded = scratch.start().await;
    embedded.suspend_supervision(true);

    embedded.kill_nats();
    until("NATS is down", || embedded.pids().1.is_none()).await;
    sleep(Duration::from_millis(500)).await;
    assert_eq!(embedded.pids().1, None);
    embedded.suspend_supervision(false);

    until("NATS is up again", || embedded.pids().1.is_some()).await;
    embedded.stop().await;
}

#[tokio::test]
async fn a_second_program_is_told_the_pid_of_the_first() {
    let scratch = Scratch::new("lock");
    let embedded = scratch.start().await;

    let error = Embedded::start(scratch.options()).await.err().unwrap().to_string();

    assert!(error.contains(&format!("pid {}", std::process::id())), "{error}");
    assert!(answers(&embedded.postgres_url()).await);
    embedded.stop().await;
}

#[tokio::test]
async fn endpoints_are_known_to_others_only_while_it_runs() {
    let scratch = Scratch::new("endpoints");
    assert!(Endpoints::of_running(&scratch.data()).unwrap().is_none());
    let embedded = scratch.start().await;

    let seen = Endpoints::of_running(&scratch.data()).unwrap().unwrap();

    assert_eq!(seen.postgres_url(), embedded.postgres_url());
    embedded.stop().await;
    assert!(Endpoints::of_running(&scratch.data()).unwrap().is_none());
}

#[tokio::test]
async fn dropping_it_ends_both_servers() {
    let scratch = Scratch::new("drop");
    let embedded = scratch.start().await;
    let (postgres, nats) = embedded.pids();

    drop(embedded);

    until("both servers are gone", || is_gone(postgres.unwrap()) && is_gone(nats.unwrap())).await;
}

#[test]
fn it_outlives_the_runtime_that_started_it() {
    let scratch = Scratch::new("runtime");
    let runtime = || tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let embedded = runtime().block_on(scratch.start());

    runtime().block_on(async {
        embedded.kill_nats();
        until("NATS is down", || embedded.pids().1.is_none()).await;
        until("NATS is up again", || embedded.pids().1.is_some()).await;
        embedded.stop().await;
    });
}

/// Run twice: as the test, and in a program of its own that holds the servers until it is killed.
#[tokio::test]
async fn after_kill_nine_of_the_program_the_next_start_has_the_directory_to_itself() {
    if let Some(data) = env::var_os(CHILD_DATA_DIR) {
        let embedded = Embedded::start(Options::new(data.clone())).await.unwrap();
        execute(&embedded.postgres_url(), "CREATE TABLE kept AS SELECT 1").await;
        let (postgres, nats) = embedded.pids();
        let ready = PathBuf::from(data).join("ready");
        fs::write(ready.with_extension("part"), format!("{} {}", postgres.unwrap(), nats.unwrap())).unwrap();
        fs::rename(ready.with_extension("part"), ready).unwrap();
        sleep(LIMIT * 2).await;
        return;
    }
    let scratch = Scratch::new("kill");
    let name = "after_kill_nine_of_the_program_the_next_start_has_the_directory_to_itself";
    let module = module_path!().split_once("::").unwrap().1;
    let mut child = Command::new(env::current_exe().unwrap())
        .args(["--exact", &format!("{module}::{name}")])
        .env(CHILD_DATA_DIR, scratch.data())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let ready = scratch.data().join("ready");
    until("the child program is up", || ready.exists()).await;
    let pids: Vec<u32> =
        fs::read_to_string(ready).unwrap().split(' ').map(|pid| pid.parse().unwrap()).collect();

    child.kill().unwrap();
    child.wait().unwrap();
    if cfg!(target_os = "linux") {
        until("the servers ended with the program", || pids.iter().all(|&pid| is_gone(pid))).await;
    }
    let embedded = scratch.start().await;

    execute(&embedded.postgres_url(), "SELECT * FROM kept").await;
    assert!(pids.iter().all(|&pid| is_gone(pid)), "nothing of the killed program is left");
    embedded.stop().await;
}

/// Starts the servers of an earlier run again as if it had been killed on a system without `setpriv`.
#[cfg(target_os = "linux")]
fn leave_behind(commands: [Vec<u8>; 2], data: &Path) -> [std::process::Child; 2] {
    use std::os::unix::{fs::MetadataExt, process::CommandExt};
    let owner = fs::metadata(data.join("postgres")).unwrap();
    commands.map(|command| {
        let words: Vec<&str> = std::str::from_utf8(&command).unwrap().split_terminator('\0').collect();
        let mut again = Command::new(words[0]);
        if nix::unistd::Uid::effective().is_root() {
            again.uid(owner.uid()).gid(owner.gid());
        }
        again.args(&words[1..]).current_dir("/").stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
    })
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn servers_that_were_left_behind_are_replaced_even_when_paused() {
    let scratch = Scratch::new("leftover");
    let first = scratch.start().await;
    let url = first.postgres_url();
    execute(&url, "CREATE TABLE kept AS SELECT 1").await;
    let (postgres, nats) = first.pids();
    let commands = [postgres, nats].map(|pid| fs::read(format!("/proc/{}/cmdline", pid.unwrap())).unwrap());
    first.stop().await;
    let [mut postgres, mut nats] = leave_behind(commands, &scratch.data());
    fs::write(scratch.data().join("run/nats.pid"), nats.id().to_string()).unwrap();
    within("PostgreSQL answers", async {
        while !answers(&url).await {
            sleep(Duration::from_millis(50)).await;
        }
    })
    .await;
    send(postgres.id(), Signal::SIGSTOP);
    send(nats.id(), Signal::SIGSTOP);

    let second = scratch.start().await;

    assert!(postgres.try_wait().unwrap().is_some_and(|status| status.success()));
    assert!(nats.try_wait().unwrap().is_some_and(|status| status.success()));
    assert_eq!(second.postgres_url(), url, "their ports are free again");
    execute(&url, "SELECT * FROM kept").await;
    second.stop().await;
}

#[tokio::test]
async fn a_pid_file_that_names_somebody_else_harms_nobody() {
    let scratch = Scratch::new("stale");
    scratch.start().await.stop().await;
    let mut stranger = Command::new("sleep").arg("60").spawn().unwrap();
    let pid = stranger.id();
    for file in ["run/nats.pid", "run/postgres.pid"] {
        fs::write(scratch.data().join(file), pid.to_string()).unwrap();
    }
    fs::write(scratch.data().join("postgres/postmaster.pid"), format!("{pid}\n/elsewhere\n")).unwrap();

    let embedded = scratch.start().await;

    assert!(stranger.try_wait().unwrap().is_none(), "the stranger still runs");
    stranger.kill().unwrap();
    stranger.wait().unwrap();
    embedded.stop().await;
}

#[tokio::test]
async fn read_only_reads_with_a_durable_consumer_and_changes_nothing() {
    let scratch = Scratch::new("readonly");
    let embedded = scratch.start().await;
    let mut relay_stream = with_stream(&embedded).await.get_stream("ANNALS").await.unwrap();

    let reader = jetstream_of(&embedded, User::ReadOnly).await;
    let stream = reader.get_stream("ANNALS").await.unwrap();
    let config =
        jetstream::consumer::pull::Config { durable_name: Some("theirs".into()), ..Default::default() };
    let consumer: PullConsumer = stream.create_consumer(config).await.unwrap();
    let mut messages = consumer.messages().await.unwrap();
    let message = within("a message", futures::StreamExt::next(&mut messages)).await.unwrap().unwrap();
    within("an acknowledgement", message.double_ack()).await.unwrap();

    let published = reader.publish("annals.events.user.user_registered", "{}".into()).await.unwrap().await;
    assert!(published.is_err(), "publish");
    assert!(stream.purge().await.is_err(), "purge");
    assert!(stream.delete_message(1).await.is_err(), "delete a message");
    assert!(reader.delete_stream("ANNALS").await.is_err(), "delete the stream");
    let config =
        stream::Config { name: "ANNALS".into(), subjects: vec!["mine".into()], ..Default::default() };
    assert!(reader.update_stream(&config).await.is_err(), "update the stream");
    assert_eq!(relay_stream.info().await.unwrap().state.messages, 1);
    embedded.stop().await;
}

/// A consumer's messages are published by the server itself, where the user's permissions are not asked.
#[tokio::test]
async fn read_only_cannot_make_the_server_publish_for_it() {
    let scratch = Scratch::new("deliver");
    let embedded = scratch.start().await;
    let mut relay_stream = with_stream(&embedded).await.get_stream("ANNALS").await.unwrap();
    let reader = jetstream_of(&embedded, User::ReadOnly).await;
    let stream = reader.get_stream("ANNALS").await.unwrap();

    for subject in ["annals.events.user.forged", "$JS.API.STREAM.PURGE.ANNALS"] {
        let config =
            jetstream::consumer::push::Config { deliver_subject: subject.into(), ..Default::default() };
        stream.create_consumer(config).await.ok();
    }
    let config =
        jetstream::consumer::pull::Config { durable_name: Some("theirs".into()), ..Default::default() };
    let _: PullConsumer = stream.create_consumer(config).await.unwrap();
    let client = connect(&embedded, User::ReadOnly).await.unwrap();
    for reply in ["annals.events.user.forged", "$JS.API.STREAM.PURGE.ANNALS"] {
        let next = "$JS.API.CONSUMER.MSG.NEXT.ANNALS.theirs";
        client.publish_with_reply(next, reply, "1".into()).await.unwrap();
        client.publish_with_reply("$JS.API.STREAM.INFO.ANNALS", reply, "".into()).await.unwrap();
        client.flush().await.unwrap();
    }
    sleep(Duration::from_millis(500)).await;

    assert_eq!(relay_stream.info().await.unwrap().state.messages, 1);
    assert_eq!(relay_stream.info().await.unwrap().state.last_sequence, 1);
    embedded.stop().await;
}

#[tokio::test]
async fn ingest_publishes_under_its_subject_only() {
    let scratch = Scratch::new("ingest");
    let embedded = scratch.start().await;
    let mut events = with_stream(&embedded).await.get_stream("ANNALS").await.unwrap();
    let roles = connect(&embedded, User::Roles).await.unwrap();
    let mut heard = roles.subscribe("annals.ingest.>").await.unwrap();
    roles.flush().await.unwrap();

    let ingest = connect(&embedded, User::Ingest).await.unwrap();
    ingest.publish("annals.events.user.user_registered", "forged".into()).await.unwrap();
    ingest.publish("annals.ingest.activity.post", "{}".into()).await.unwrap();
    ingest.flush().await.unwrap();

    let message = within("the message", futures::StreamExt::next(&mut heard)).await.unwrap();
    assert_eq!(message.subject.as_str(), "annals.ingest.activity.post");
    assert_eq!(events.info().await.unwrap().state.messages, 1);
    embedded.stop().await;
}

#[tokio::test]
async fn open_users_keep_their_roles_on_any_stream() {
    let scratch = Scratch::new("open");
    let embedded = Embedded::start(Options { nats_open: true, ..scratch.options() }).await.unwrap();
    let relay = jetstream_of(&embedded, User::Relay).await;
    let subjects = vec!["t_ab12.events.>".to_owned()];
    relay
        .create_stream(stream::Config { name: "T_ab12".into(), subjects, ..Default::default() })
        .await
        .unwrap();
    relay.publish("t_ab12.events.x", "{}".into()).await.unwrap().await.unwrap();

    let roles = jetstream_of(&embedded, User::Roles).await;
    let stream = roles.get_stream("T_ab12").await.unwrap();
    assert_eq!(&stream.get_last_raw_message_by_subject("t_ab12.events.x").await.unwrap().payload[..], b"{}");
    assert!(stream.purge().await.is_err());
    embedded.stop().await;
}

#[tokio::test]
async fn a_server_that_cannot_start_shows_its_log() {
    let scratch = Scratch::new("broken");
    let mut options = scratch.options();
    options.postgres = Tuning::default().disposable().with("shared_buffers", "no number");

    let error = Embedded::start(options).await.err().unwrap().to_string();

    assert!(error.contains("PostgreSQL did not start") && error.contains("shared_buffers"), "{error}");
}

#[tokio::test]
async fn a_missing_nats_server_is_named() {
    let scratch = Scratch::new("missing");
    let mut options = scratch.options();
    options.nats_server = Some(PathBuf::from("/nowhere/nats-server"));

    let error = Embedded::start(options).await.err().unwrap().to_string();

    assert!(error.contains("/nowhere/nats-server"), "{error}");
}

#[test]
fn a_parent_that_the_server_account_may_not_enter_is_named() {
    let scratch = Scratch::new("parents");
    let closed = scratch.0.join("closed");
    fs::DirBuilder::new().mode(0o700).create(&closed).unwrap();
    let layout = layout::Layout::create(&closed.join("data")).unwrap();
    let account = Account { name: "somebody".into(), uid: 4242, gid: 4242 };

    assert!(!account.can_enter(&closed).unwrap());
    let error = account.check_parents(layout.root()).unwrap_err().to_string();

    assert!(error.contains("may not enter") && error.contains(closed.to_str().unwrap()), "{error}");
}

#[tokio::test]
async fn passwords_are_readable_by_the_owner_only() {
    let scratch = Scratch::new("modes");
    let embedded = scratch.start().await;

    let mode = |path: &str| fs::metadata(scratch.data().join(path)).unwrap().permissions().mode() & 0o7777;
    assert_eq!(mode("servers.json"), 0o600);
    assert_eq!(mode("postgres"), 0o700);
    assert_eq!(mode("") & 0o007, 0);
    assert_eq!(mode("nats/nats.conf") & 0o007, 0);
    assert!(!Path::new(&scratch.data().join("postgres.password")).exists());
    embedded.stop().await;
}
