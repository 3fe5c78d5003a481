//! Sessions, tokens, passwords, and the end of accounts.

use super::{Values, number, parse, seconds};
use anyhow::Result;
use api::KeyAlgorithm;
use chrono::TimeDelta;
use commands::passwords::ContextWords;
use std::{path::PathBuf, str::FromStr};

/// Of access tokens: pinned, so that no token can choose it (RFC 8725, section 3.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Algorithm {
    Hs256,
    /// By key pairs in files, of which new ones sign by this.
    KeyPairs(KeyAlgorithm),
}

impl FromStr for Algorithm {
    type Err = ();

    fn from_str(text: &str) -> std::result::Result<Self, ()> {
        match text {
            "HS256" => Ok(Self::Hs256),
            "EdDSA" => Ok(Self::KeyPairs(KeyAlgorithm::EdDsa)),
            "ES256" => Ok(Self::KeyPairs(KeyAlgorithm::Es256)),
            _ => Err(()),
        }
    }
}

#[derive(Debug)]
pub struct Auth {
    pub algorithm: Algorithm,
    /// Of key pairs; none: in the data directory.
    pub signing_keys: Option<PathBuf>,
    pub access_lifetime: TimeDelta,
    pub refresh_lifetime: TimeDelta,
    pub session_lifetime: TimeDelta,
    /// Of one account at once.
    pub max_sessions: usize,
    /// None: silence ends nothing.
    pub session_idle: Option<TimeDelta>,
    pub code_lifetime: TimeDelta,
    /// Of a registration that nobody verifies; none: for ever.
    pub registration_lifetime: Option<TimeDelta>,
    /// After a login, without the password once more.
    pub fresh_login: TimeDelta,
    /// Between one's own wish to be erased and the erasure.
    pub deletion_grace: TimeDelta,
    /// Backups of the key store.
    pub key_backups_kept: TimeDelta,
    pub hashers: Option<usize>,
    /// No password contains them.
    pub context_words: ContextWords,
}

pub(super) fn auth(v: &Values) -> Result<Auth> {
    Ok(Auth {
        algorithm: parse(v, "auth.algorithm", "HS256, EdDSA or ES256")?,
        signing_keys: v.get("auth.signing_keys").map(PathBuf::from),
        access_lifetime: seconds(v, "auth.access_lifetime", 60..=86_400)?,
        refresh_lifetime: seconds(v, "auth.refresh_lifetime", 60..=31_536_000)?,
        session_lifetime: seconds(v, "auth.session_lifetime", 60..=31_536_000)?,
        max_sessions: number(v, "auth.max_sessions", 1..=1_000)?,
        session_idle: idle(v)?,
        code_lifetime: seconds(v, "auth.code_lifetime", 60..=600)?,
        registration_lifetime: match number(v, "auth.registration_days", 0..=365)? {
            0 => None,
            days => Some(TimeDelta::days(days)),
        },
        fresh_login: seconds(v, "auth.fresh_login", 0..=86_400)?,
        deletion_grace: number(v, "erasure.grace_days", 0..=365).map(TimeDelta::days)?,
        key_backups_kept: number(v, "erasure.key_backup_days", 0..=3650).map(TimeDelta::days)?,
        hashers: match v.get("auth.hashers") {
            Some(_) => Some(number(v, "auth.hashers", 1..=256)?),
            None => None,
        },
        context_words: context_words(v),
    })
}

/// The service's name, the hosts that it answers at, and what is set.
fn context_words(values: &Values) -> ContextWords {
    let set = values.get("auth.context_words").unwrap_or_default().split(',');
    let hosts = values.get("http.allowed_hosts").unwrap_or_default().split(',');
    let hosts = hosts.map(str::trim).chain(values.get("http.public_url").map(host));
    ContextWords::new(set.chain(["annals"]), hosts)
}

/// Of a URL.
fn host(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    host.split(':').next().unwrap_or_default()
}

fn idle(values: &Values) -> Result<Option<TimeDelta>> {
    match values.get("auth.session_idle") {
        Some("0") => Ok(None),
        _ => seconds(values, "auth.session_idle", 60..=31_536_000).map(Some),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn host_of_a_url_is_what_people_know_the_service_by() {
        for (url, expected) in [
            ("https://accounts.example.com", "accounts.example.com"),
            ("http://user:word@accounts.example.com:8000/a?b#c", "accounts.example.com"),
            ("accounts.example.com/api", "accounts.example.com"),
            ("", ""),
        ] {
            assert_eq!(host(url), expected, "{url}");
        }
    }
}
