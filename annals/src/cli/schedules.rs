//! `annals schedules …`.

use crate::{
    config::{Config, Secrets},
    core::Core,
    servers::Servers,
};
use anyhow::{Context, Result, bail};
use chrono::{DateTime, Utc};
use clap::Subcommand;
use commands::Caller;
use std::collections::BTreeMap;
use workers::schedules::{Change, Cron, Schedule, Schedules};

#[derive(Subcommand, Debug)]
pub enum SchedulesCommand {
    /// Prints every schedule: when it runs (UTC), when it ran and how that ended.
    List,
    /// Lets one run at its times again; what was due meanwhile is not made up for.
    Enable { name: String },
    /// Lets one run no more, except when asked for.
    Disable { name: String },
    /// Changes its times: five fields of cron in UTC, such as '30 2 * * *'.
    Set { name: String, cron: String },
    /// Runs one now; if its last run is not finished, that one is meant.
    Run { name: String },
}

/// # Errors
/// An unknown name, a pattern that is none; or what could not be reached.
pub async fn run(mut config: Config, command: SchedulesCommand) -> Result<()> {
    let secrets = Secrets::load(&mut config)?;
    let servers = Servers::join_or_start(&config).await?;
    let done = act(&config, &secrets, &servers, command).await;
    servers.stop().await;
    done
}

async fn act(config: &Config, secrets: &Secrets, servers: &Servers, command: SchedulesCommand) -> Result<()> {
    let core = Core::connect(config, secrets, servers).await?;
    let desk = Desk { schedules: Schedules::new(core.store.pool().clone()), core };
    match command {
        SchedulesCommand::List => {
            println!(
                "{:<30} {:<16} {:<8} {:<18} {:<18} ended",
                "name", "cron (UTC)", "enabled", "next", "last"
            );
            desk.schedules.list().await?.iter().for_each(print);
            Ok(())
        }
        SchedulesCommand::Enable { name } => {
            desk.change(&name, Change { enabled: Some(true), ..Change::default() }).await
        }
        SchedulesCommand::Disable { name } => {
            desk.change(&name, Change { enabled: Some(false), ..Change::default() }).await
        }
        SchedulesCommand::Set { name, cron } => {
            let cron: Cron = cron.parse().with_context(|| format!("`{cron}`"))?;
            desk.change(&name, Change { cron: Some(cron), ..Change::default() }).await
        }
        SchedulesCommand::Run { name } => desk.run(&name).await,
    }
}

struct Desk {
    schedules: Schedules,
    core: Core,
}

impl Desk {
    async fn change(&self, name: &str, change: Change) -> Result<()> {
        self.known(name).await?;
        self.record("change_schedule", name, crate::schedules::told(&change)).await?;
        let changed = self.schedules.change(name, &change, self.core.clock.now()).await?;
        changed.iter().for_each(print);
        Ok(())
    }

    async fn run(&self, name: &str) -> Result<()> {
        self.known(name).await?;
        self.record("run_schedule", name, BTreeMap::new()).await?;
        if let Some(job) = self.schedules.run(name, self.core.clock.now()).await? {
            println!("{job}");
        }
        Ok(())
    }

    async fn known(&self, name: &str) -> Result<()> {
        if self.schedules.find(name).await?.is_none() {
            bail!("there is no schedule {name}: `annals schedules list` names them");
        }
        Ok(())
    }

    async fn record(&self, act: &str, name: &str, change: BTreeMap<String, String>) -> Result<()> {
        Ok(self.core.commands.access_log.record_act(act, name, change, &Caller::system("cli")).await?)
    }
}

fn print(schedule: &Schedule) {
    let time = |time: Option<DateTime<Utc>>| {
        time.map_or_else(|| "-".to_owned(), |time| time.format("%Y-%m-%d %H:%MZ").to_string())
    };
    let Schedule { name, cron, enabled, last_run, last_outcome, next_run, .. } = schedule;
    let (next, last) = (time(*next_run), time(*last_run));
    let ended = last_outcome.as_deref().unwrap_or("-");
    println!("{name:<30} {cron:<16} {enabled:<8} {next:<18} {last:<18} {ended}");
}
