//! The services that every role and most subcommands share.

use crate::{
    config::{Config, Secrets},
    servers::Servers,
};
use anyhow::{Context, Result};
use commands::{
    AccountSettings, Accounts, Clock, Codes, Commands, Executor, Mint, Passwords, SystemClock, SystemMint,
};
use secrecy::{ExposeSecret, SecretBox};
use sqlx::postgres::PgConnectOptions;
use std::{str::FromStr, sync::Arc};
use store::{OtherKeys, ServerKeys, Store, StoreOptions};

/// The log and the commands on it.
#[derive(Clone)]
pub struct Core {
    pub store: Store,
    pub commands: Commands,
    pub codes: Codes,
    pub clock: Arc<dyn Clock>,
    pub mint: Arc<dyn Mint>,
}

impl Core {
    /// Migrates and connects.
    ///
    /// # Errors
    /// If the databases cannot be reached, migrated, or would lose what is acknowledged.
    pub async fn connect(config: &Config, secrets: &Secrets, servers: &Servers) -> Result<Self> {
        migrate(servers).await?;
        let store = Store::connect(StoreOptions {
            database_url: servers.database_url.clone(),
            keys_url: servers.keys_url.clone(),
            pool_size: config.pool_size,
            cache_bytes: config.cache_bytes,
            slow_statement: config.slow_statement,
            keys: server_keys(secrets),
        })
        .await?;
        let (clock, mint): (Arc<dyn Clock>, Arc<dyn Mint>) = (Arc::new(SystemClock), Arc::new(SystemMint));
        let other = secrets.others.codes.as_ref().map(ExposeSecret::expose_secret);
        let codes = Codes::with_other(secrets.codes.expose_secret(), other);
        let passwords = match config.auth.hashers {
            Some(hashers) => Passwords::new(hashers, Arc::clone(&mint)),
            None => Passwords::per_core(Arc::clone(&mint)),
        };
        let executor = Executor::new(store.clone(), Arc::clone(&clock), Arc::clone(&mint));
        let settings = AccountSettings {
            refresh_lifetime: config.auth.refresh_lifetime,
            session_lifetime: config.auth.session_lifetime,
            max_sessions: config.auth.max_sessions,
            context_words: config.auth.context_words.clone(),
            code_lifetime: config.auth.code_lifetime,
            registration_lifetime: config.auth.registration_lifetime,
            fresh_login: config.auth.fresh_login,
            deletion_grace: config.auth.deletion_grace,
            key_backups_kept: config.auth.key_backups_kept,
            throttles: config.throttles.clone(),
            ..AccountSettings::default()
        };
        let accounts = Accounts::new(executor.clone(), passwords, codes.clone(), settings);
        let commands = Commands::new(executor, accounts).told_within(config.deeds_told_within);
        Ok(Self { store, commands, codes, clock, mint })
    }
}

/// What the store needs to know of the keys.
fn server_keys(secrets: &Secrets) -> ServerKeys {
    ServerKeys {
        master: copy(&secrets.master),
        index: copy(&secrets.index),
        others: OtherKeys {
            master: secrets.others.master.as_ref().map(copy),
            index: secrets.others.index.as_ref().map(copy),
        },
    }
}

/// Brings both databases to this binary's shape.
///
/// # Errors
/// If one cannot be reached or a migration fails.
pub async fn migrate(servers: &Servers) -> Result<()> {
    let log = sqlx::PgPool::connect(&servers.owner_url).await.context("the event log's database")?;
    store::migrate(&log).await.context("the event log's database (ANNALS_MIGRATE_URL, else DATABASE_URL)")?;
    if let Some(role) = role_beside(&servers.owner_url, &servers.database_url)? {
        store::grant_log(&log, &role).await?;
    }
    if let Some(reader) = &servers.reader {
        store::grant_reader(&log, reader.role).await?;
    }
    log.close().await;
    let keys = sqlx::PgPool::connect(&servers.keys_owner_url).await.context("the key store's database")?;
    store::migrate_keys(&keys)
        .await
        .context("the key store's database (ANNALS_KEYS_MIGRATE_URL, else ANNALS_KEYS_URL)")?;
    if let Some(role) = role_beside(&servers.keys_owner_url, &servers.keys_url)? {
        store::grant_keys(&keys, &role).await?;
    }
    keys.close().await;
    Ok(())
}

/// The role that works with what another one owns.
fn role_beside(owner_url: &str, url: &str) -> Result<Option<String>> {
    let role = |url: &str| Ok::<_, anyhow::Error>(PgConnectOptions::from_str(url)?.get_username().to_owned());
    let (owner, role) = (role(owner_url)?, role(url)?);
    Ok((owner != role).then_some(role))
}

pub fn copy(secret: &SecretBox<[u8; 32]>) -> SecretBox<[u8; 32]> {
    SecretBox::new(Box::new(*secret.expose_secret()))
}
