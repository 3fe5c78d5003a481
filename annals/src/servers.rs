//! The PostgreSQL and NATS that a command works with: somebody else's, those of a running program, or our own.

use crate::{
    config::Config,
    data_dir,
    disk::Maintenance,
    embedded::{Embedded, Endpoints, Options, User, roles},
};
use anyhow::Result;

/// URLs, and the servers themselves while they are ours.
pub struct Servers {
    pub database_url: String,
    pub keys_url: String,
    /// As the owners of the tables, for migrations.
    pub owner_url: String,
    pub keys_owner_url: String,
    /// For who only looks; known only of embedded servers.
    pub reader: Option<Reader>,
    /// Who takes off the disks what was deleted.
    pub maintenance: Maintenance,
    /// For the relay: may publish.
    pub relay_url: String,
    /// For the other roles: may subscribe.
    pub nats_url: String,
    /// For other people's programs; known only of embedded servers.
    pub read_only_url: Option<String>,
    /// For services that publish what people do; known only of embedded servers.
    pub ingest_url: Option<String>,
    embedded: Option<Embedded>,
}

/// A role that only reads, and its URL.
pub struct Reader {
    pub role: &'static str,
    pub url: String,
}

impl Servers {
    /// Somebody else's, or our own, which this starts.
    ///
    /// # Errors
    /// If the embedded servers do not start, or another program holds the data directory.
    pub async fn start(config: &Config) -> Result<Self> {
        if let Some(external) = Self::external(config) {
            return Ok(external);
        }
        data_dir::prepare(&config.data_dir)?;
        let mut options = Options::new(&config.data_dir);
        options.nats_server.clone_from(&config.nats_server);
        options.nats_open = !config.nats.are_usual();
        let embedded = Embedded::start(options).await?;
        let urls = Self::of(embedded.endpoints());
        Ok(Self { embedded: Some(embedded), ..urls })
    }

    /// Those of the program that runs on the data directory; if none does, as [`Servers::start`].
    ///
    /// # Errors
    /// As for [`Servers::start`].
    pub async fn join_or_start(config: &Config) -> Result<Self> {
        match Self::running(config)? {
            Some(running) => Ok(running),
            None => Self::start(config).await,
        }
    }

    /// Those of the program that runs on the data directory, or somebody else's.
    ///
    /// # Errors
    /// If they cannot be told.
    pub fn running(config: &Config) -> Result<Option<Self>> {
        if let Some(external) = Self::external(config) {
            return Ok(Some(external));
        }
        Ok(Endpoints::of_running(&config.data_dir)?.as_ref().map(Self::of))
    }

    fn external(config: &Config) -> Option<Self> {
        config.external.as_ref().map(|external| Self {
            database_url: external.database_url.clone(),
            keys_url: external.keys_url.clone(),
            owner_url: external.owner_url.clone(),
            keys_owner_url: external.keys_owner_url.clone(),
            reader: None,
            maintenance: Maintenance::of_others(external),
            relay_url: external.relay_url.clone(),
            nats_url: external.nats_url.clone(),
            read_only_url: None,
            ingest_url: None,
            embedded: None,
        })
    }

    fn of(endpoints: &Endpoints) -> Self {
        Self {
            database_url: endpoints.postgres_url(),
            keys_url: endpoints.keys_url(),
            owner_url: endpoints.owner_url(),
            keys_owner_url: endpoints.keys_owner_url(),
            maintenance: Maintenance::of_our_own(endpoints),
            reader: Some(Reader { role: roles::READER, url: endpoints.reader_url() }),
            relay_url: endpoints.nats_url(User::Relay),
            nats_url: endpoints.nats_url(User::Roles),
            read_only_url: Some(endpoints.nats_url(User::ReadOnly)),
            ingest_url: Some(endpoints.nats_url(User::Ingest)),
            embedded: None,
        }
    }

    /// Ends our own servers, after everything that uses them.
    pub async fn stop(self) {
        if let Some(embedded) = self.embedded {
            embedded.stop().await;
        }
    }
}
