//! Mail server and sender. The values come from the configuration (CFG-01); nothing is read here.

use secrecy::SecretString;
use std::{path::PathBuf, time::Duration};

/// `DEFAULT_FROM_EMAIL` where none is given.
pub const DEFAULT_FROM: &str = "Annals <no-reply@localhost>";

#[derive(Clone, Debug)]
pub struct MailSettings {
    /// `DEFAULT_FROM_EMAIL`: an address, with or without a name.
    pub from: String,
    /// Where the product's pages are: the beginning of links, without a slash at its end.
    pub public_url: String,
    /// `EMAIL_BACKEND`.
    pub backend: Backend,
    /// Where mails may lie as files from before there was another backend: an erasure looks there, too.
    pub former_outbox: Option<PathBuf>,
}

#[derive(Clone, Debug)]
pub enum Backend {
    Smtp(SmtpSettings),
    /// One file per mail in this directory, named by the job's id.
    File {
        outbox: PathBuf,
    },
    /// The whole mail on standard output, for development: codes are readable there.
    Console,
}

#[derive(Clone, Debug)]
pub struct SmtpSettings {
    /// `EMAIL_HOST`.
    pub host: String,
    /// `EMAIL_PORT`.
    pub port: u16,
    /// `EMAIL_HOST_USER` and `EMAIL_HOST_PASSWORD`.
    pub credentials: Option<(String, SecretString)>,
    pub security: Security,
    /// For one mail in all, connecting included.
    pub timeout: Duration,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Security {
    /// In clear: for a server on the same machine.
    None,
    /// STARTTLS where the server offers it, with whatever certificate: whoever could forge one could as well hide the
    /// offer (RFC 7435). In clear where it does not.
    IfOffered,
    /// `EMAIL_USE_TLS`: STARTTLS, and no mail where the server does not offer it.
    StartTls,
    /// `EMAIL_USE_SSL`: TLS from the first byte, usually on port 465.
    Tls,
}

impl Default for MailSettings {
    fn default() -> Self {
        Self {
            from: DEFAULT_FROM.to_owned(),
            public_url: "http://127.0.0.1:8000".to_owned(),
            backend: Backend::Console,
            former_outbox: None,
        }
    }
}

impl SmtpSettings {
    pub const DEFAULT_TIMEOUT: Duration = Duration::from_secs(30);
}
