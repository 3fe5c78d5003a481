//! `annals keys …`.

use crate::{
    config::{Algorithm, Config},
    signing_keys::{Rotation, SigningKeys},
};
use anyhow::{Result, bail};
use clap::Subcommand;
use commands::{Clock, SystemClock};

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
}

/// # Errors
/// If access tokens are signed with HS256, or the directory of the keys cannot be written.
pub fn run(config: &Config, command: KeysCommand) -> Result<()> {
    let KeysCommand::Rotate { leaked } = command;
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
