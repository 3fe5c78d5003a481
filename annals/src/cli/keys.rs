//! `annals keys …`.

use crate::{
    config::{Algorithm, Config, Secrets, secrets},
    core::Core,
    instance::Instance,
    servers::Servers,
    signing_keys::{Rotation, SigningKeys},
};
use anyhow::{Result, bail, ensure};
use clap::{Subcommand, ValueEnum};
use commands::{Clock, SystemClock};
use store::Store;
use uuid::Uuid;

#[derive(Subcommand, Debug)]
pub enum KeysCommand {
    /// Makes a new key for access tokens (JWT_ALGORITHM=EdDSA or ES256); running programs take it up by themselves.
    ///
    /// It is published at once and signs a few minutes later. The former key verifies until its last token expired.
    Rotate {
        /// The present key has leaked: the new one signs at once, and the former ones are removed. Access tokens that
        /// are out are refused, refresh tokens go on.
        #[arg(long)]
        leaked: bool,
    },
    /// Embedded mode, while the program is stopped: makes a new key, and keeps the present one beside it.
    ///
    /// With external servers the keys are settings; docs/operations.md says in which order nodes get them.
    Replace { key: ServerKey },
    /// Wraps every data key anew that another than the present master key wraps, while programs run. Cut off, it goes
    /// on when it is called again.
    RotateMaster,
    /// Moves every claim under the present index key, while programs run. Cut off, it goes on when it is called again.
    RotateIndex,
    /// Embedded mode, while the program is stopped: removes the former key for good.
    Retire { key: ServerKey },
}

/// A key of the server's own that can be replaced.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ServerKey {
    Master,
    Index,
    Codes,
}

impl ServerKey {
    const fn name(self) -> &'static str {
        match self {
            Self::Master => "keys.master",
            Self::Index => "keys.index",
            Self::Codes => "keys.codes",
        }
    }
}

/// Data keys that are wrapped anew in one statement.
const BATCH: i64 = 500;

/// # Errors
/// With what kept it from being done; nothing is half done.
pub async fn run(config: Config, command: KeysCommand) -> Result<()> {
    match command {
        KeysCommand::Rotate { leaked } => rotate(&config, leaked),
        KeysCommand::Replace { key } => replace(&config, key),
        KeysCommand::RotateMaster => with_store(config, rotate_master).await,
        KeysCommand::RotateIndex => with_store(config, rotate_index).await,
        KeysCommand::Retire { key } => retire(config, key).await,
    }
}

fn rotate(config: &Config, leaked: bool) -> Result<()> {
    let Algorithm::KeyPairs(algorithm) = config.auth.algorithm else {
        bail!(
            "JWT_ALGORITHM (auth.algorithm) is HS256: its one key is JWT_SECRET_KEY; set EdDSA or ES256 to have keys \
             to rotate"
        );
    };
    let how = if leaked { Rotation::Leaked } else { Rotation::Routine };
    let directory = SigningKeys::of(config, algorithm)?;
    let key = directory.rotate(how, SystemClock.now(), config.auth.access_lifetime)?;
    println!("{} signs from {} on.", key.kid(), key.signs_from().to_rfc3339());
    Ok(())
}

fn replace(config: &Config, key: ServerKey) -> Result<()> {
    stopped_and_embedded(config)?;
    secrets::replace(&config.data_dir, key.name())?;
    let next = match key {
        ServerKey::Master => "start the program, then `annals keys rotate-master`",
        ServerKey::Index => "start the program, then `annals keys rotate-index`",
        ServerKey::Codes => {
            "start the program; what the former key gave out counts until `annals keys retire codes`"
        }
    };
    println!("There is a new {}. Back up secrets.json, {next}.", key.name());
    Ok(())
}

/// Only what nothing needs any more is removed.
async fn retire(config: Config, key: ServerKey) -> Result<()> {
    stopped_and_embedded(&config)?;
    let data_dir = config.data_dir.clone();
    match key {
        ServerKey::Codes => {}
        ServerKey::Master => with_store(config, master_is_done).await?,
        ServerKey::Index => with_store(config, index_is_done).await?,
    }
    secrets::retire(&data_dir, key.name())?;
    println!("The former {} is removed.", key.name());
    Ok(())
}

fn stopped_and_embedded(config: &Config) -> Result<()> {
    ensure!(
        config.external.is_none(),
        "with external servers the keys are settings: docs/operations.md says in which order nodes get them"
    );
    ensure!(
        Instance::find(&config.data_dir).is_none(),
        "the program runs: stop it first, it knows only the keys it began with"
    );
    Ok(())
}

async fn with_store(mut config: Config, work: impl AsyncFnOnce(&Store) -> Result<()>) -> Result<()> {
    let secrets = Secrets::load(&mut config)?;
    let servers = Servers::join_or_start(&config).await?;
    let done = match Core::connect(&config, &secrets, &servers).await {
        Ok(core) => work(&core.store).await,
        Err(error) => Err(error),
    };
    servers.stop().await;
    done
}

async fn rotate_master(store: &Store) -> Result<()> {
    let all = store.keys().count_to_rewrap().await?;
    println!("{all} data keys are to be wrapped anew.");
    let mut last = Uuid::nil();
    while let Some(subject) = store.keys().rewrap(last, BATCH).await? {
        last = subject;
        println!("{} are left.", store.keys().count_to_rewrap().await?);
    }
    master_is_done(store).await?;
    println!(
        "The present master key wraps every data key: the other one can be removed once no backup needs it."
    );
    Ok(())
}

async fn master_is_done(store: &Store) -> Result<()> {
    let left = store.keys().count_to_rewrap().await?;
    ensure!(
        left == 0,
        "{left} data keys are wrapped by another master key: `annals keys rotate-master` wraps them anew, once no node \
         has that key as its present one"
    );
    Ok(())
}

async fn rotate_index(store: &Store) -> Result<()> {
    let mut moved = 0;
    loop {
        let Some(done) = store.rekey_claims().await? else {
            bail!("there is no other index key (ANNALS_INDEX_KEY_OTHER): nothing is to be moved");
        };
        moved += done.moved;
        println!("{} of {} events, {moved} claims moved.", done.position, done.head);
        if done.position >= done.head {
            break;
        }
    }
    println!(
        "Every claim is under the present index key. If no node had the other one as its present one meanwhile, it can \
         be removed seven days after the last did: until then repeated requests are recognised by it."
    );
    Ok(())
}

/// What is left is little: it is moved now.
async fn index_is_done(store: &Store) -> Result<()> {
    rotate_index(store).await
}
