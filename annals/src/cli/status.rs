//! `annals status`.

use crate::{config::Config, instance::Instance, servers::Servers};
use anyhow::{Result, bail};
use bus::ingest::Counts;
use projections::Watcher;
use serde_json::json;
use sqlx::PgPool;

/// Prints where the running program is, and its positions. URLs carry the passwords of the embedded servers.
///
/// # Errors
/// If nothing runs on the data directory, or the database does not answer.
pub async fn status(config: &Config, as_json: bool) -> Result<()> {
    let Some(servers) = Servers::running(config)? else {
        bail!("nothing runs on {}", config.data_dir.display());
    };
    let instance = Instance::find(&config.data_dir);
    let pool = PgPool::connect(&servers.database_url).await?;
    let watcher = Watcher::new(pool.clone());
    let (head, positions) = (watcher.head().await?, watcher.positions().await?);
    let http = instance.as_ref().map(|instance| instance.http.clone());
    let metrics = instance.as_ref().and_then(|instance| instance.metrics.clone());
    let nats = servers.read_only_url.clone().unwrap_or_else(|| servers.nats_url.clone());
    let warning = bus::server_warning(&servers.nats_url).await.ok().flatten();
    let ingest = Counts::ask(&servers.nats_url, &config.nats.ingest).await.ok();
    let postgres = servers.reader.as_ref().map_or(&servers.database_url, |reader| &reader.url);
    if as_json {
        let positions: serde_json::Map<String, serde_json::Value> =
            positions.iter().map(|(name, position)| (name.to_string(), json!(position))).collect();
        let status = json!({
            "http": http,
            "metrics": metrics,
            "pid": instance.map(|instance| instance.pid),
            "postgres": postgres,
            "nats": nats,
            "nats_warning": warning,
            "stream": config.nats.events.stream,
            "subject": config.nats.events.prefix,
            "head": head,
            "projections": positions,
            "ingest": {
                "url": servers.ingest_url,
                "subject": config.nats.ingest.activity("<service>"),
                "waiting": ingest.map(|counts| counts.waiting),
                "rejected": ingest.map(|counts| counts.rejected),
            },
        });
        println!("{}", serde_json::to_string_pretty(&status)?);
        return Ok(());
    }
    println!("API          {}", http.as_deref().unwrap_or("(no API here)"));
    println!("Metrics      {}", metrics.as_deref().unwrap_or("(none here)"));
    println!("PostgreSQL   {postgres}");
    println!("NATS         {nats}   (read-only; stream {})", config.nats.events.stream);
    if let Some(warning) = warning {
        println!("             {warning}.");
    }
    if let Some(Counts { waiting, rejected }) = ingest {
        println!("Ingest       {waiting} waiting, {rejected} rejected");
    }
    println!("Log          {head} events");
    for (name, position) in positions {
        println!("  {name:<16} {position:>10}   {} behind", (head - position).max(0));
    }
    Ok(())
}
