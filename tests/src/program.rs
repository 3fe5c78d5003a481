//! The built program as a process of its own, as a user runs it.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that cannot be set up has failed"
)]

use serde_json::Value;
use std::{
    fs::{self, File},
    path::{Path, PathBuf},
    process::Stdio,
    sync::atomic::{AtomicU32, Ordering},
    time::{Duration, Instant},
};
use tokio::{
    io::AsyncWriteExt,
    process::{Child, Command},
};

/// A running `annals serve`.
pub struct Program {
    child: Child,
    pub data_dir: PathBuf,
    http: String,
    settings: Vec<(String, String)>,
    owns_data: bool,
}

/// The settings of limits.
const THROTTLES: [&str; 11] = [
    "ANNALS_THROTTLE_LOGIN_ADDRESS",
    "ANNALS_THROTTLE_LOGIN_ACCOUNT",
    "ANNALS_THROTTLE_LOGIN_ANYWHERE",
    "ANNALS_THROTTLE_PASSWORD_CHECK",
    "ANNALS_THROTTLE_RESET_ADDRESS",
    "ANNALS_THROTTLE_RESET_ACCOUNT",
    "ANNALS_THROTTLE_CODE_MAIL",
    "ANNALS_THROTTLE_CODE_TRY",
    "ANNALS_THROTTLE_REGISTRATION",
    "ANNALS_THROTTLE_REQUESTS",
    "ANNALS_THROTTLE_HASTE",
];

static NAMES: AtomicU32 = AtomicU32::new(0);
const DIRECTORY: &str = "annals-program-";
const START_WITHIN: Duration = Duration::from_secs(60);

impl Program {
    /// With its own servers and an empty data directory.
    pub async fn start() -> Self {
        Self::start_in(new_directory(), &[]).await
    }

    /// On a data directory, with further environment variables.
    pub async fn start_in(data_dir: PathBuf, settings: &[(&str, &str)]) -> Self {
        let settings =
            settings.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let mut program = Self::spawn(data_dir, settings, &[]);
        program.wait_until_ready().await;
        program
    }

    /// Where the system lets it open no more files than this; it takes connections, and is perhaps not ready yet.
    pub async fn begin_with_open_files(most: u32) -> Self {
        let mut command = Command::new("sh");
        command.args(["-c", &format!("ulimit -n {most} && exec \"$0\" serve")]).arg(binary());
        let data_dir = new_directory();
        let command = of_program(command, &data_dir, &[]);
        let mut program = Self::spawn_by(command, data_dir, Vec::new());
        let deadline = Instant::now() + START_WITHIN;
        while program.http.is_empty() {
            assert!(Instant::now() < deadline, "the program was not there in time: {}", program.log_tail());
            program.http = program.announced().unwrap_or_default();
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        program
    }

    /// Without waiting, and with only these roles (all, if none is named).
    pub fn spawn(data_dir: PathBuf, settings: Vec<(String, String)>, roles: &[&str]) -> Self {
        let mut command = command(&data_dir, &settings);
        command.arg("serve");
        if !roles.is_empty() {
            command.args(["--role", &roles.join(",")]);
        }
        Self::spawn_by(command, data_dir, settings)
    }

    fn spawn_by(mut command: Command, data_dir: PathBuf, settings: Vec<(String, String)>) -> Self {
        fs::create_dir_all(&data_dir).unwrap();
        // What an earlier run announced would be taken for this one's.
        let _ = fs::remove_file(data_dir.join("run/instance.json"));
        let log = File::options().create(true).append(true).open(data_dir.join("program.log")).unwrap();
        command.stdout(Stdio::null()).stderr(log).kill_on_drop(true);
        let child = command.spawn().expect("the program was built before the tests");
        Self { child, data_dir, http: String::new(), settings, owns_data: true }
    }

    /// Waits until the API answers and says that it is ready.
    pub async fn wait_until_ready(&mut self) {
        let deadline = Instant::now() + START_WITHIN;
        let client = reqwest::Client::new();
        while Instant::now() < deadline {
            if let Some(status) = self.child.try_wait().unwrap() {
                panic!("the program ended ({status}): {}", self.log_tail());
            }
            if let Some(http) = self.announced() {
                self.http = http;
                let ready = client.get(self.url("/health/ready")).send().await;
                if ready.is_ok_and(|reply| reply.status().is_success()) {
                    return;
                }
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        panic!("the program was not ready in time: {}", self.log_tail());
    }

    fn announced(&self) -> Option<String> {
        let text = fs::read_to_string(self.data_dir.join("run/instance.json")).ok()?;
        Some(serde_json::from_str::<Value>(&text).ok()?["http"].as_str()?.to_owned())
    }

    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.http)
    }

    pub fn pid(&self) -> u32 {
        self.child.id().expect("it runs")
    }

    /// `annals status --json`.
    pub async fn status(&self) -> Value {
        let output = self.command(&["status", "--json"]).output().await.unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        serde_json::from_slice(&output.stdout).unwrap()
    }

    /// A database of the program's own server as its superuser, for what a test does by its own hand.
    pub fn supervisor_url(&self, database: &str) -> String {
        let endpoints = annals::embedded::Endpoints::of_running(&self.data_dir).unwrap();
        endpoints.expect("it runs with servers of its own").supervisor_url(database)
    }

    /// A subcommand on the same data directory and settings.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = command(&self.data_dir, &self.settings);
        command.args(arguments);
        command
    }

    /// `annals user create`; returns the id.
    pub async fn create_user(&self, username: &str, email: &str, role: &str, password: &str) -> String {
        let mut command = self.command(&[
            "user",
            "create",
            "--username",
            username,
            "--email",
            email,
            "--role",
            role,
            "--password-stdin",
        ]);
        let mut child =
            command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(password.as_bytes()).await.unwrap();
        let output = child.wait_with_output().await.unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }

    /// Mails in the outbox, newest last, as text.
    pub fn outbox(&self) -> Vec<String> {
        let mut mails: Vec<(std::time::SystemTime, String)> = fs::read_dir(self.data_dir.join("outbox"))
            .into_iter()
            .flatten()
            .flatten()
            .filter(|entry| entry.path().extension().is_some_and(|e| e == "eml"))
            .map(|entry| {
                (entry.metadata().unwrap().modified().unwrap(), fs::read_to_string(entry.path()).unwrap())
            })
            .collect();
        mails.sort();
        mails.into_iter().map(|(_, mail)| mail).collect()
    }

    /// What it logged.
    pub fn log(&self) -> String {
        fs::read_to_string(self.data_dir.join("program.log")).unwrap_or_default()
    }

    fn log_tail(&self) -> String {
        let log = self.log();
        log.lines().rev().take(12).collect::<Vec<_>>().into_iter().rev().collect::<Vec<_>>().join("\n")
    }

    /// Ctrl-C, as at a terminal; waits for the end and says how it ended.
    pub async fn interrupt(&mut self) -> std::process::ExitStatus {
        signal(self.pid(), "INT");
        tokio::time::timeout(Duration::from_secs(30), self.child.wait()).await.expect("it stops").unwrap()
    }

    /// `kill -9`.
    pub async fn kill(&mut self) {
        self.child.kill().await.unwrap();
    }

    /// Starts it again where it was.
    pub async fn restart(mut self) -> Self {
        if self.child.try_wait().unwrap().is_none() {
            self.kill().await;
        }
        self.owns_data = false;
        let mut again = Self::spawn(self.data_dir.clone(), self.settings.clone(), &[]);
        again.wait_until_ready().await;
        again
    }

    /// Stops it and removes its data.
    pub async fn stop(mut self) {
        self.interrupt().await;
    }

    pub fn resident_mebibytes(&self) -> f64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.pid())).unwrap();
        let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
        line.split_whitespace().nth(1).unwrap().parse::<f64>().unwrap() / 1024.0
    }

    /// User and system time of the program, in seconds.
    pub fn cpu_seconds(&self) -> f64 {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.pid())).unwrap();
        let fields: Vec<&str> = stat.rsplit_once(')').unwrap().1.split_whitespace().collect();
        (fields[11].parse::<f64>().unwrap() + fields[12].parse::<f64>().unwrap()) / 100.0
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        if self.owns_data && !std::thread::panicking() {
            let _ = fs::remove_dir_all(&self.data_dir);
        }
    }
}

/// Sends a signal to one process.
pub fn signal(pid: u32, name: &str) {
    let sent =
        std::process::Command::new("kill").args([&format!("-{name}"), &pid.to_string()]).status().unwrap();
    assert!(sent.success());
}

/// A directory that the database's unprivileged user can enter; those of dead test programs are removed.
pub fn new_directory() -> PathBuf {
    let temp = std::env::temp_dir();
    for entry in fs::read_dir(&temp).unwrap().flatten() {
        let name = entry.file_name();
        let pid = name.to_str().and_then(|name| name.strip_prefix(DIRECTORY)?.split('-').next());
        if pid.is_some_and(|pid| !Path::new("/proc").join(pid).exists()) {
            fs::remove_dir_all(entry.path()).ok();
        }
    }
    temp.join(format!("{DIRECTORY}{}-{}", std::process::id(), NAMES.fetch_add(1, Ordering::Relaxed)))
}

fn command(data_dir: &Path, settings: &[(String, String)]) -> Command {
    of_program(Command::new(binary()), data_dir, settings)
}

fn of_program(mut command: Command, data_dir: &Path, settings: &[(String, String)]) -> Command {
    command.env_clear();
    for name in ["PATH", "HOME", "LANG", "TMPDIR"] {
        if let Some(value) = std::env::var_os(name) {
            command.env(name, value);
        }
    }
    command.env("ANNALS_DATA_DIR", data_dir).env("ANNALS_LISTEN", "127.0.0.1:0").env("PATH", path());
    // All tests come from one address: only those about limits have any.
    command.envs(THROTTLES.map(|name| (name, "off")));
    command.envs(settings.iter().map(|(name, value)| (name, value)));
    command
}

fn path() -> String {
    let path = std::env::var_os("PATH").unwrap_or_default();
    format!("{}:/usr/sbin:/usr/local/bin", path.to_string_lossy())
}

/// The binary that was built with this test or benchmark: beside it, or one folder up.
pub fn binary() -> PathBuf {
    let own = std::env::current_exe().unwrap();
    let folder = own.parent().unwrap();
    let beside = folder.join("annals");
    if beside.is_file() { beside } else { folder.parent().unwrap().join("annals") }
}
