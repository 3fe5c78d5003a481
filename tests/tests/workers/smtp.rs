//! aiosmtpd, installed once below the build's own folder and started for each test that sends mail.

use crate::rig::until;
use annals_tests::python;
use std::{
    fs,
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::atomic::{AtomicU32, Ordering},
};
use workers::{Backend, MailSettings, Mailer, Security, SmtpSettings};

const PACKAGE: &str = "aiosmtpd==1.4.6";

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

    /// One that offers STARTTLS, with a certificate that nobody vouches for.
    pub fn start_with_tls() -> Self {
        Self::start_with(&["tls"])
    }

    fn start_with(arguments: &[&str]) -> Self {
        let name = format!("smtp-{}-{}", std::process::id(), SERVERS.fetch_add(1, Ordering::Relaxed));
        let folder = std::env::temp_dir().join(name);
        fs::create_dir_all(&folder).unwrap();
        let mut process = Command::new("python3")
            .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/workers/smtp_server.py"))
            .arg(&folder)
            .args(arguments)
            .env("PYTHONPATH", python::packages(PACKAGE))
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
