//! `annals rebuild`.

use crate::{
    config::{Config, Secrets},
    core::Core,
    servers::Servers,
};
use anyhow::{Result, bail};
use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};
use projections::{RebuildOptions, Rebuilt, rebuild};

#[derive(Args, Debug)]
pub struct Rebuild {
    /// accounts, sessions, profile_pages, audit_log, social_graph, erasures, user_settings, user_events, api_keys,
    /// wallets, badges, badge_progress, notifications or skills.
    name: String,
    /// Only compares a new build with the live one at the same position, and drops it.
    #[arg(long)]
    check: bool,
    /// Goes on with what a stopped rebuild of this same version left.
    #[arg(long)]
    resume: bool,
}

impl Rebuild {
    /// # Errors
    /// If it cannot be built, or `--check` finds a difference.
    pub async fn run(self, mut config: Config) -> Result<()> {
        let secrets = Secrets::load(&mut config)?;
        let servers = Servers::join_or_start(&config).await?;
        let rebuilt = tokio::select! {
            rebuilt = self.build(&config, &secrets, &servers) => rebuilt,
            _ = tokio::signal::ctrl_c() => Err(anyhow::anyhow!("stopped; `--resume` goes on from here")),
        };
        servers.stop().await;
        match rebuilt? {
            Rebuilt::Swapped { position } => {
                println!("{} was rebuilt and swapped in at position {position}.", self.name)
            }
            Rebuilt::Same { position } => println!("{} equals a rebuild at position {position}.", self.name),
            Rebuilt::Different { position, tables } => {
                bail!("{} differs from a rebuild at position {position} in: {}", self.name, tables.join(", "))
            }
        }
        Ok(())
    }

    async fn build(&self, config: &Config, secrets: &Secrets, servers: &Servers) -> Result<Rebuilt> {
        let core = Core::connect(config, secrets, servers).await?;
        let bar = ProgressBar::new(0).with_style(ProgressStyle::with_template(
            "{msg} [{bar:40}] {pos}/{len} events, {per_sec}, {eta} left",
        )?);
        bar.set_message(self.name.clone());
        let options = RebuildOptions { check: self.check, resume: self.resume, ..RebuildOptions::default() };
        let rebuilt = rebuild(&core.store, &self.name, options, |progress| {
            bar.set_length(progress.head.unsigned_abs());
            bar.set_position(progress.position.unsigned_abs());
        })
        .await?;
        bar.finish_and_clear();
        Ok(rebuilt)
    }
}
