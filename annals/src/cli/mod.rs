//! The subcommands. `--help` of each is enough to use it.

mod award_badge;
mod badges;
mod config;
mod keys;
mod rebuild;
mod schedules;
mod serve;
mod status;
mod user;

use crate::{
    config::{Config, Values},
    core,
    node::Role,
    servers::Servers,
    telemetry,
};
use anyhow::{Context, Result};
use clap::{Parser, Subcommand};
use std::path::PathBuf;

/// Everything around an account, as an event log: identity, sessions, profiles.
#[derive(Parser, Debug)]
#[command(version, arg_required_else_help = true)]
pub struct Cli {
    /// A TOML file of settings; `annals config` lists them.
    #[arg(long, global = true, env = "ANNALS_CONFIG", value_name = "FILE")]
    config: Option<PathBuf>,
    /// Sets one setting; wins over file and environment. May be repeated.
    #[arg(long = "set", global = true, value_name = "KEY=VALUE")]
    set: Vec<String>,
    /// Where the embedded servers keep their data [default: ./.annals].
    #[arg(long, global = true, value_name = "DIR")]
    data_dir: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand, Debug)]
enum Command {
    /// Runs the program until Ctrl-C, with its own PostgreSQL and NATS unless DATABASE_URL and NATS_URL are set.
    Serve {
        /// Only these roles; by default all.
        #[arg(long, value_delimiter = ',')]
        role: Vec<Role>,
    },
    /// Brings the databases to this version's shape, and ends.
    Migrate,
    /// Prints the effective settings, secrets masked.
    Config,
    /// Tells where the running program is and how far its read models are.
    Status {
        #[arg(long)]
        json: bool,
    },
    /// Accounts by the operator's hand.
    User {
        #[command(subcommand)]
        command: user::UserCommand,
    },
    /// Gives a badge to somebody, by the operator's hand.
    AwardBadge(award_badge::AwardBadge),
    /// Keys: of access tokens, and the server's own.
    Keys {
        #[command(subcommand)]
        command: keys::KeysCommand,
    },
    /// Badges: what a criterion would do.
    Badges {
        #[command(subcommand)]
        command: badges::BadgesCommand,
    },
    /// What is done at certain times.
    Schedules {
        #[command(subcommand)]
        command: schedules::SchedulesCommand,
    },
    /// Builds a read model anew from the log and swaps it in; readers never see it half done.
    Rebuild(rebuild::Rebuild),
}

/// Runs the subcommand.
///
/// # Errors
/// With one line that says what failed and why.
pub fn run(cli: Cli) -> Result<()> {
    let Cli { config: file, mut set, data_dir, command } = cli;
    if let Some(dir) = data_dir {
        set.push(format!("data.dir={}", dir.display()));
    }
    let values = Values::gather(file.as_deref(), &set)?;
    if let Command::Config = command {
        return config::print(values);
    }
    let _last_lines = telemetry::start_logs(&values)?;
    let config = Config::from_values(values)?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .context("the async runtime cannot be started")?;
    runtime.block_on(async {
        match command {
            Command::Serve { role } => serve::serve(config, &role).await,
            Command::Migrate => migrate(config).await,
            Command::Config => Ok(()),
            Command::Status { json } => status::status(&config, json).await,
            Command::User { command } => user::run(config, command).await,
            Command::AwardBadge(award) => award.run(config).await,
            Command::Keys { command } => keys::run(config, command).await,
            Command::Badges { command } => command.run(config).await,
            Command::Schedules { command } => schedules::run(config, command).await,
            Command::Rebuild(rebuild) => rebuild.run(config).await,
        }
    })
}

async fn migrate(config: Config) -> Result<()> {
    let servers = Servers::join_or_start(&config).await?;
    let migrated = core::migrate(&servers).await;
    servers.stop().await;
    migrated?;
    println!("Both databases are up to date.");
    Ok(())
}
