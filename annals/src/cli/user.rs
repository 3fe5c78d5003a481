//! `annals user …`.

use crate::{
    config::{Config, Secrets},
    core::Core,
    servers::Servers,
};
use anyhow::{Context, Result, ensure};
use clap::Subcommand;
use commands::{Caller, Registration};
use domain::values::{Email, Role, Username};
use std::io::Read;

#[derive(Subcommand, Debug)]
pub enum UserCommand {
    /// Makes a verified account, the first owner included.
    Create {
        #[arg(long)]
        username: String,
        #[arg(long)]
        email: String,
        /// owner, admin, moderator, professional, data_provider or normal.
        #[arg(long, default_value = "normal")]
        role: String,
        /// Reads the password from standard input, up to the end of the first line.
        #[arg(long, required = true)]
        password_stdin: bool,
    },
}

/// # Errors
/// A refusal in the words of the domain; or what could not be reached.
pub async fn run(mut config: Config, command: UserCommand) -> Result<()> {
    let UserCommand::Create { username, email, role, password_stdin: _ } = command;
    let role: Role = serde_json::from_value(serde_json::Value::String(role.clone())).with_context(|| {
        format!("--role {role}: expected owner, admin, moderator, professional, data_provider or normal")
    })?;
    let form = Registration {
        username: Username::parse(&username).with_context(|| format!("--username {username}"))?,
        email: Email::parse(&email).with_context(|| format!("--email {email}"))?,
        password: read_password()?.into(),
    };
    let secrets = Secrets::load(&mut config)?;
    let servers = Servers::join_or_start(&config).await?;
    let created = create(&config, &secrets, &servers, form, role).await;
    servers.stop().await;
    println!("{}", created?);
    Ok(())
}

async fn create(
    config: &Config,
    secrets: &Secrets,
    servers: &Servers,
    form: Registration,
    role: Role,
) -> Result<String> {
    let core = Core::connect(config, secrets, servers).await?;
    let caller = Caller::system("cli");
    let account = core.commands.accounts.create_account_by_operator(form, role, &caller).await?;
    Ok(account.user.to_string())
}

fn read_password() -> Result<String> {
    let mut text = String::new();
    std::io::stdin().take(4096).read_to_string(&mut text).context("the password on standard input")?;
    let password = text.lines().next().unwrap_or_default().to_owned();
    ensure!(!password.is_empty(), "no password on standard input");
    Ok(password)
}
