//! `annals award-badge` (ADM-04).

use crate::{
    config::{Config, Secrets},
    core::Core,
    servers::Servers,
};
use anyhow::{Context, Result, bail};
use clap::Args;
use commands::{Caller, CommandError, NewAward};
use domain::{award::AwardError, badge::Badge, values::AwardNote};

#[derive(Args, Debug)]
pub struct AwardBadge {
    /// Username, id, or verified address.
    #[arg(long)]
    user: String,
    /// Slug, name or id.
    #[arg(long)]
    badge: String,
    /// What is remarked on the award, for the person and for staff.
    #[arg(long, default_value = "Manual award")]
    reason: String,
}

impl AwardBadge {
    /// # Errors
    /// What kept the badge from being given; or what could not be reached.
    pub async fn run(self, mut config: Config) -> Result<()> {
        let notes = AwardNote::parse(&self.reason).context("--reason")?;
        let secrets = Secrets::load(&mut config)?;
        let servers = Servers::join_or_start(&config).await?;
        let awarded = self.award(&config, &secrets, &servers, notes).await;
        servers.stop().await;
        println!("{}", awarded?);
        Ok(())
    }

    async fn award(
        &self,
        config: &Config,
        secrets: &Secrets,
        servers: &Servers,
        notes: AwardNote,
    ) -> Result<String> {
        const FAILED: &str = "Badge award failed";
        let core = Core::connect(config, secrets, servers).await?;
        let Some(user) = core.commands.accounts.find_account(&self.user).await? else {
            bail!("User not found")
        };
        let badge = core.commands.badges.find(&self.badge).await.context(FAILED)?;
        let name = core.store.load::<Badge>(badge).await?.state.details.name;
        let new = NewAward { badge, user, completion: None, notes: Some(notes), over_revocation: false };
        match core.commands.badges.award(new, &Caller::system("cli")).await {
            Ok(done) if done.events.is_empty() => bail!("{FAILED}: {} has this badge", self.user),
            Ok(_) => Ok(format!("Badge '{name}' awarded to user {}", self.user)),
            Err(CommandError::NotFound) => bail!("User not found"),
            Err(error) if error.reason() == Some(&AwardError::PersonNotFound) => bail!("User not found"),
            Err(error) => Err(error).context(FAILED),
        }
    }
}
