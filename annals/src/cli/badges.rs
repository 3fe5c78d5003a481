//! `annals badges`.

use crate::{
    config::{Config, Secrets},
    core::Core,
    servers::Servers,
};
use anyhow::{Context, Result, bail};
use clap::Subcommand;
use domain::badge::{Availability, criteria::Criterion};
use indicatif::{ProgressBar, ProgressStyle};
use projections::badge_progress::preview::{self, Preview};
use serde_json::Value;
use std::{fs, path::PathBuf};

/// Earners who are printed one by one.
const PRINTED: usize = 20;

#[derive(Subcommand, Debug)]
pub enum BadgesCommand {
    /// Runs a criterion over all of history: who would have earned the badge, and when. Changes nothing.
    Preview {
        /// A JSON file: a criterion, or a badge with `criteria`, `available_from` and `available_until`.
        file: PathBuf,
        /// Prints everything as JSON.
        #[arg(long)]
        json: bool,
    },
}

impl BadgesCommand {
    /// # Errors
    /// With one line for each thing that is wrong with the file; or if the log cannot be reached.
    pub async fn run(self, mut config: Config) -> Result<()> {
        let Self::Preview { file, json } = self;
        let text = fs::read_to_string(&file).with_context(|| format!("cannot read {}", file.display()))?;
        let (criterion, available) = read(&text)?;
        let secrets = Secrets::load(&mut config)?;
        let servers = Servers::join_or_start(&config).await?;
        let preview = tokio::select! {
            preview = look(&config, &secrets, &servers, (criterion, available)) => preview,
            _ = tokio::signal::ctrl_c() => Err(anyhow::anyhow!("stopped; nothing was changed")),
        };
        servers.stop().await;
        print(&preview?, json);
        Ok(())
    }
}

fn read(text: &str) -> Result<(Criterion, Availability)> {
    let value: Value = serde_json::from_str(text).context("the file is no JSON")?;
    let time = |member: &str| match value.get(member) {
        None | Some(Value::Null) => Ok(None),
        Some(time) => serde_json::from_value(time.clone())
            .map(Some)
            .with_context(|| format!("/{member} is no time (RFC 3339)")),
    };
    let available = Availability { from: time("available_from")?, until: time("available_until")? };
    match Criterion::parse(value.get("criteria").unwrap_or(&value)) {
        Ok(criterion) => Ok((criterion, available)),
        Err(faults) => bail!("{}", faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")),
    }
}

async fn look(
    config: &Config,
    secrets: &Secrets,
    servers: &Servers,
    (criterion, available): (Criterion, Availability),
) -> Result<Preview> {
    let core = Core::connect(config, secrets, servers).await?;
    let bar = ProgressBar::new(0)
        .with_style(ProgressStyle::with_template("[{bar:40}] {pos}/{len} facts, {per_sec}, {eta} left")?);
    let shown = bar.clone();
    let preview = preview::of_store(&core.store, criterion, available, move |looked| {
        shown.set_length(looked.total);
        shown.set_position(looked.done);
    })
    .await?;
    bar.finish_and_clear();
    Ok(preview)
}

fn print(preview: &Preview, json: bool) {
    if json {
        let earners = preview.earners.iter().map(
            |earner| serde_json::json!({ "user": earner.user, "earned_at": earner.at, "position": earner.position }),
        );
        let all = serde_json::json!({ "facts": preview.facts, "people": preview.people, "earned": preview.earned,
            "over_time": preview.by_day, "earners": earners.collect::<Vec<_>>() });
        println!("{all}");
        return;
    }
    println!("{} of {} people would have earned it.", preview.earned, preview.people);
    for (day, count) in &preview.by_day {
        println!("{day}  {count}");
    }
    for earner in preview.earners.iter().take(PRINTED) {
        println!("{}  {}  by the event at position {}", earner.at.to_rfc3339(), earner.user, earner.position);
    }
    if preview.earned > PRINTED as u64 {
        println!("… and more; --json prints the first {}", preview::NAMED);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn file_is_a_criterion_or_a_badge() {
        let criterion = r#"{"type": "counter", "field": "posts_count", "threshold": 10}"#;
        let badge = format!(
            r#"{{"name": "Ten", "criteria": {criterion}, "available_from": "2026-01-01T00:00:00Z"}}"#
        );

        let (alone, always) = read(criterion).unwrap();
        let (within, season) = read(&badge).unwrap();

        assert_eq!((alone, always), (within, Availability::default()));
        assert!(season.from.is_some() && season.until.is_none());
        let error =
            read(r#"{"type": "counter", "field": "post_count", "threshold": -1}"#).unwrap_err().to_string();
        assert!(error.contains("/field") && error.contains("/threshold"), "{error}");
        assert!(read(r#"{"criteria": {}, "available_from": 7}"#).is_err());
    }
}
