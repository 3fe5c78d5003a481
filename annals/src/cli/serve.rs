//! `annals serve`.

use crate::{
    config::{Config, Secrets},
    instance::Instance,
    limits,
    node::{Node, Role},
    servers::Servers,
    telemetry,
};
use anyhow::Result;
use std::collections::BTreeSet;
use tokio::signal::unix::{SignalKind, signal};

/// Runs the roles until a signal or a failure; then finishes what was accepted.
///
/// # Errors
/// What stopped it, other than a signal.
pub async fn serve(mut config: Config, roles: &[Role]) -> Result<()> {
    let roles: BTreeSet<Role> =
        if roles.is_empty() { Role::ALL.into() } else { roles.iter().copied().collect() };
    // Listened for from the beginning: a Ctrl-C while the servers start must stop them, too.
    let mut signals = Signals::listen()?;
    let files = limits::raise_open_files();
    let wanted = config.connections;
    config.connections.all = limits::connections(wanted.all, wanted.spare, files, config.pool_size);
    let secrets = Secrets::load(&mut config)?;
    let metrics = telemetry::start_metrics()?;
    let servers = tokio::select! {
        servers = Servers::start(&config) => servers?,
        () = signals.next() => return Ok(()),
    };
    let started = tokio::select! {
        node = Node::start(&config, &secrets, &servers, &roles, metrics) => Some(node),
        () = signals.next() => None,
    };
    let result = match started {
        Some(Ok(node)) => run(node, &config, &mut signals).await,
        Some(Err(error)) => Err(error),
        None => Ok(()),
    };
    servers.stop().await;
    tracing::info!("stopped");
    result
}

async fn run(mut node: Node, config: &Config, signals: &mut Signals) -> Result<()> {
    if let Some(address) = node.http {
        greet(&Instance::announce(&config.data_dir, address, node.metrics)?, config);
    }
    let result = tokio::select! {
        ended = node.wait() => ended,
        () = signals.next() => Ok(()),
    };
    tracing::info!("stopping: what was accepted is finished");
    Instance::withdraw(&config.data_dir);
    node.stop().await;
    result
}

/// For the person at the terminal.
fn greet(instance: &Instance, config: &Config) {
    let http = &instance.http;
    println!("Annals is ready.");
    println!("  API      {http}/api");
    println!("  Docs     {http}/docs");
    println!("  Health   {http}/health/ready");
    if let Some(metrics) = &instance.metrics {
        println!("  Metrics  {metrics}");
    }
    if config.mail.backend.is_none() {
        println!("  Mail     {}", config.data_dir.join("outbox").display());
    }
    // Plain HTTP from here would be refused.
    if !config.front.https_only {
        println!("Try it:  curl {http}/api/auth/register -H 'content-type: application/json' \\");
        println!(
            "           -d '{{\"username\":\"jane\",\"email\":\"jane@example.com\",\"password\":\"a long walk at dusk\"}}'"
        );
    }
    println!("Ctrl-C stops it; the data stays in {}.", config.data_dir.display());
}

/// SIGINT and SIGTERM.
struct Signals {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
}

impl Signals {
    fn listen() -> Result<Self> {
        Ok(Self { interrupt: signal(SignalKind::interrupt())?, terminate: signal(SignalKind::terminate())? })
    }

    async fn next(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}
