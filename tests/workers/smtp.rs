//! aiosmtpd, installed once below the build's own folder and started for each test that sends mail.

use crate::rig::until;
use std::{
    fs,
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::{
        OnceLock,
        atomic::{AtomicU32, Ordering},
    },
    thread,
    time::{Duration, Instant},
};
use workers::{Backend, MailSettings, Mailer, Security, SmtpSettings};

const PACKAGE: &str = "aiosmtpd==1.4.6";
const INSTALLING: Duration = Duration::from_secs(180);

static PACKAGES: OnceLock<PathBuf> = OnceLock::new();
static SERVERS: AtomicU32 = AtomicU32::new(0);

/// A running server and the mails that it took. It ends with this value.
pub struct SmtpServer {
    process: Child,
    port: u16,
    folder: PathBuf,
}

/// A mail as the server received it.
#[derive(Debug)]
pub struct Received(pub String);

impl SmtpServer {
    pub fn start() -> Self {
        Self::start_with(&[])
    }

    /// One that takes mail only after `annals` signed in with `right password`.
    pub fn start_with_sign_in() -> Self {
        Self::start_with(&["auth"])
    }

    fn start_with(arguments: &[&str]) -> Self {
        let packages = PACKAGES.get_or_init(install);
        let name = format!("smtp-{}-{}", std::process::id(), SERVERS.fetch_add(1, Ordering::Relaxed));
        let folder = std::env::temp_dir().join(name);
        fs::create_dir_all(&folder).unwrap();
        let mut process = Command::new("python3")
            .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("workers/smtp_server.py"))
            .arg(&folder)
            .args(arguments)
            .env("PYTHONPATH", packages)
            .env("PYTHONWARNINGS", "ignore")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let port = line.trim().parse().unwrap_or_else(|_| panic!("the SMTP server did not start"));
        Self { process, port, folder }
    }

    /// The way to this server.
    pub fn settings(&self) -> SmtpSettings {
        SmtpSettings {
            host: "127.0.0.1".to_owned(),
            port: self.port,
            credentials: None,
            security: Security::None,
            timeout: SmtpSettings::DEFAULT_TIMEOUT,
        }
    }

    pub fn mailer(&self) -> Mailer {
        mailer(self.settings())
    }

    /// What was received so far, in order.
    pub fn received(&self) -> Vec<Received> {
        let mut files: Vec<_> =
            fs::read_dir(&self.folder).unwrap().map(|entry| entry.unwrap().path()).collect();
        files.retain(|file| file.extension().is_some_and(|extension| extension == "eml"));
        files.sort();
        files.iter().map(|file| Received(fs::read_to_string(file).unwrap())).collect()
    }

    /// Waits until so many were received.
    pub async fn receives(&self, count: usize) -> Vec<Received> {
        until("the mails arrive", async || self.received().len() >= count).await;
        self.received()
    }
}

pub fn mailer(settings: SmtpSettings) -> Mailer {
    let backend = Backend::Smtp(settings);
    let settings =
        MailSettings { public_url: "https://annals.example".to_owned(), backend, ..Default::default() };
    Mailer::new(&settings).unwrap()
}

impl Received {
    pub fn header(&self, name: &str) -> &str {
        let found = self.0.lines().find_map(|line| line.strip_prefix(&format!("{name}: ")));
        found.unwrap_or_else(|| panic!("no {name} in {}", self.0))
    }
}

impl Drop for SmtpServer {
    fn drop(&mut self) {
        self.process.kill().ok();
        self.process.wait().ok();
        fs::remove_dir_all(&self.folder).ok();
    }
}

/// The folder with the server's packages. Debian has pip only inside of virtual environments, or none of these at
/// all without python3-venv: then pip itself is tried.
fn install() -> PathBuf {
    let parent = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let done = parent.join(PACKAGE);
    if done.is_dir() {
        return done;
    }
    fs::create_dir_all(parent).unwrap();
    let fresh = parent.join(format!("aiosmtpd-{}", std::process::id()));
    let (venv, target) = (fresh.join("venv"), fresh.join("packages"));
    let with_venv = || {
        run(Command::new("python3").args(["-m", "venv"]).arg(&venv))?;
        run(pip(venv.join("bin/python"), &target))
    };
    let installed = with_venv().or_else(|venv| {
        run(pip("python3".into(), &target)).map_err(|pip| format!("with venv: {venv}\nwith pip: {pip}"))
    });
    // Another test program may have been first.
    let result = installed.map(|()| fs::rename(&target, &done).is_ok() || done.is_dir());
    fs::remove_dir_all(&fresh).ok();
    match result {
        Ok(true) => done,
        Ok(false) => panic!("{} could not be moved to {}", target.display(), done.display()),
        Err(why) => panic!(
            "the SMTP server of these tests ({PACKAGE}) could not be installed; it needs python3 with venv or pip \
             (Debian, Ubuntu: apt install python3-venv) and access to a Python package index\n{why}"
        ),
    }
}

fn pip(python: PathBuf, target: &Path) -> Command {
    let mut command = Command::new(python);
    command.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--target"]);
    command.arg(target).arg(PACKAGE);
    command
}

fn run(mut command: impl std::borrow::BorrowMut<Command>) -> Result<(), String> {
    let command = command.borrow_mut();
    let spawned = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn();
    let mut child = spawned.map_err(|error| format!("{command:?}: {error}"))?;
    let begun = Instant::now();
    while child.try_wait().map_err(|error| error.to_string())?.is_none() {
        if begun.elapsed() > INSTALLING {
            child.kill().ok();
        }
        thread::sleep(Duration::from_millis(50));
    }
    let output = child.wait_with_output().map_err(|error| error.to_string())?;
    let said = String::from_utf8_lossy(&output.stderr);
    output.status.success().then_some(()).ok_or_else(|| format!("{command:?}: {}: {said}", output.status))
}
