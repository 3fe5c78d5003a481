//! Sets up nats-server: JetStream, and users who may each do one thing.
//!
//! What NATS holds of the log can be lost and rebuilt. What services publish is only there until it is recorded.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;
use async_nats::ConnectOptions;
use nix::sys::signal::Signal;
use serde_json::{Value, json};

use super::endpoints::{Endpoints, User};
use super::install;
use super::layout::{Layout, owned_directory, share_directory, write_shared};
use super::leftover::Trace;
use super::process::{Launcher, Running, Server, SharedPid};
use super::startup::{Answer, bring_up};

const NAME: &str = "NATS";
const PID_FILE: &str = "nats.pid";

/// nats-server answers SIGINT with a clean end, SIGTERM with exit code 1.
const ENDING: &[(Signal, Duration)] =
    &[(Signal::SIGINT, Duration::from_secs(10)), (Signal::SIGKILL, Duration::from_secs(10))];

const GIB: u64 = 1024 * 1024 * 1024;

/// What reading one stream takes, `{}` being its name. Creating and deleting here is of consumers only.
const READING: [&str; 14] = [
    "$JS.API.STREAM.INFO.{}",
    "$JS.API.STREAM.MSG.GET.{}",
    "$JS.API.DIRECT.GET.{}",
    "$JS.API.DIRECT.GET.{}.>",
    "$JS.API.CONSUMER.CREATE.{}",
    "$JS.API.CONSUMER.CREATE.{}.>",
    "$JS.API.CONSUMER.DURABLE.CREATE.{}.*",
    "$JS.API.CONSUMER.INFO.{}.*",
    "$JS.API.CONSUMER.NAMES.{}",
    "$JS.API.CONSUMER.LIST.{}",
    "$JS.API.CONSUMER.DELETE.{}.*",
    "$JS.API.CONSUMER.MSG.NEXT.{}.*",
    "$JS.ACK.{}.>",
    "$JS.FC.{}.>",
];

/// A nats-server that an earlier program left on this data directory.
pub(super) fn trace(layout: &Layout) -> Trace {
    let mark = layout.nats_conf().display().to_string();
    Trace { name: NAME, mark, pid_files: vec![layout.run(PID_FILE)], ending: ENDING }
}

pub(super) struct Plan<'a> {
    pub(super) layout: &'a Layout,
    pub(super) endpoints: &'a Endpoints,
    pub(super) launcher: &'a Launcher,
    pub(super) program: Option<&'a Path>,
    pub(super) open: bool,
    pub(super) pid: SharedPid,
}

impl Plan<'_> {
    pub(super) async fn start(&self) -> Result<Running> {
        let program = install::nats_server(self.program)?;
        let account = self.launcher.account.as_ref();
        share_directory(&self.layout.nats(), account)?;
        owned_directory(&self.layout.nats_store(), account)?;
        let configuration = serde_json::to_string_pretty(&self.configuration())?;
        write_shared(&self.layout.nats_conf(), &configuration, account)?;
        bring_up(self.server(program), async || self.probe().await).await
    }

    fn server(&self, program: PathBuf) -> Arc<Server> {
        let configuration = self.layout.nats_conf().display().to_string();
        Arc::new(Server {
            name: NAME,
            launcher: self.launcher.clone(),
            program,
            arguments: vec!["--config".to_owned(), configuration],
            pid_file: self.layout.run(PID_FILE),
            log: self.layout.run("nats.log"),
            pid: self.pid.clone(),
            ending: ENDING,
        })
    }

    /// nats-server reads JSON as its own format.
    ///
    /// Whoever may ask JetStream anything can have the answer sent to any subject of the same account, a subject of
    /// the stream included, whatever the user's permissions say. Other people's programs are therefore in an account
    /// of their own, and reach ours only by the requests that it exports; pull consumers work that way.
    fn configuration(&self) -> Value {
        // Room is counted by what streams reserve, and tests make many.
        let room = if self.open { 1024 * GIB } else { 16 * GIB };
        json!({
            "server_name": "annals",
            "host": "127.0.0.1",
            "port": self.endpoints.nats_port,
            "max_payload": 1024 * 1024,
            "jetstream": {
                "store_dir": self.layout.nats_store(),
                "max_file_store": room,
                "max_memory_store": GIB / 4,
            },
            "authorization": { "timeout": 10 },
            "accounts": {
                "ANNALS": {
                    "jetstream": "enabled",
                    "users": [self.user(User::Relay), self.user(User::Roles), self.user(User::Ingest)],
                    "exports": self.exports(),
                },
                "READERS": { "users": [self.credentials(User::ReadOnly)], "imports": self.imports() },
            },
        })
    }

    fn credentials(&self, user: User) -> Value {
        json!({ "user": user.name(), "password": self.endpoints.nats_password(user) })
    }

    fn user(&self, user: User) -> Value {
        let permissions = json!({ "publish": self.publish(user), "subscribe": self.subscribe(user) });
        let mut with_permissions = self.credentials(user);
        with_permissions["permissions"] = permissions;
        with_permissions
    }

    fn publish(&self, user: User) -> Vec<String> {
        let (all, ingest, rejected) = match self.open {
            true => (">", ">", "*.ingest.rejected.>"),
            false => ("annals.>", "annals.ingest.activity.>", "annals.ingest.rejected.>"),
        };
        match user {
            User::Relay => vec![all.to_owned(), "$JS.API.>".to_owned(), "$JS.ACK.>".to_owned()],
            User::Roles => {
                let mut subjects = self.reading(&["ANNALS", "ANNALS_INGEST", "ANNALS_INGEST_REJECTED"]);
                subjects.push(rejected.to_owned());
                subjects
            }
            User::Ingest => vec![ingest.to_owned()],
            User::ReadOnly => {
                // All readers are one user, so that none may delete: it could be another's.
                let mut subjects = self.reading(&["ANNALS"]);
                subjects.retain(|subject| !subject.starts_with("$JS.API.CONSUMER.DELETE."));
                subjects
            }
        }
    }

    fn subscribe(&self, user: User) -> Vec<String> {
        let inbox = "_INBOX.>".to_owned();
        match user {
            User::Ingest => vec![inbox],
            _ if self.open => vec![">".to_owned()],
            _ => vec!["annals.>".to_owned(), inbox],
        }
    }

    fn exports(&self) -> Vec<Value> {
        let service = |subject: String| {
            // A request for messages is answered more than once.
            let responses = if subject.contains(".MSG.NEXT.") { "Stream" } else { "Singleton" };
            json!({ "service": subject, "response_type": responses, "accounts": ["READERS"] })
        };
        let events = json!({ "stream": self.events(), "accounts": ["READERS"] });
        self.publish(User::ReadOnly).into_iter().map(service).chain([events]).collect()
    }

    fn imports(&self) -> Vec<Value> {
        let from = |subject: &str| json!({ "account": "ANNALS", "subject": subject });
        let services = self.publish(User::ReadOnly);
        let services = services.iter().map(|subject| json!({ "service": from(subject) }));
        services.chain([json!({ "stream": from(self.events()) })]).collect()
    }

    fn events(&self) -> &'static str {
        if self.open { "*.events.>" } else { "annals.events.>" }
    }

    fn reading(&self, streams: &[&str]) -> Vec<String> {
        let streams = if self.open { &["*"] } else { streams };
        let of = |stream: &&str| READING.map(|subject| subject.replace("{}", stream));
        let general = ["$JS.API.INFO", "$JS.API.STREAM.NAMES", "$JS.API.STREAM.LIST"].map(str::to_owned);
        general.into_iter().chain(streams.iter().flat_map(of)).collect()
    }

    async fn probe(&self) -> Answer {
        let password = self.endpoints.nats_password(User::Relay).to_owned();
        let options = ConnectOptions::with_user_and_password(User::Relay.name().to_owned(), password);
        match options.connect(format!("127.0.0.1:{}", self.endpoints.nats_port)).await {
            Ok(_) => Answer::Ready,
            Err(error) => Answer::Silent(error.to_string()),
        }
    }
}
