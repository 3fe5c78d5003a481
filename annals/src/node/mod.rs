//! One process: starts and stops its roles.

mod http;

use crate::{
    catalogue,
    config::{Config, Secrets},
    core::{Core, copy},
    disk::{Disk, Mails, Maintenance},
    forgetting::{self, Restored},
    housekeeping, ingest,
    readiness::Probes,
    servers::Servers,
};
use anyhow::{Context, Result};
use bus::{Bus, Feed, Relay, RelayOptions};
use metrics_exporter_prometheus::PrometheusHandle;
use projections::{
    GateOptions, JobQueries, LiveEvents, Queries, Runner, RunnerOptions, SessionGate, Watcher,
};
use std::{collections::BTreeSet, net::SocketAddr, sync::Arc, time::Duration};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use workers::{Backend, MailSettings, Mailer, Workers, WorkersOptions};

/// What a process does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, clap::ValueEnum)]
pub enum Role {
    /// Answers HTTP.
    Api,
    /// Publishes the log to NATS. Any number may run; one is active.
    Relay,
    /// Keeps the read models.
    Projections,
    /// Sends mail and does other jobs.
    Workers,
}

impl Role {
    pub const ALL: [Self; 4] = [Self::Api, Self::Relay, Self::Projections, Self::Workers];
}

/// The roles at work.
pub struct Node {
    /// Where the API listens, if it has that role.
    pub http: Option<SocketAddr>,
    /// Where metrics are, if anywhere.
    pub metrics: Option<SocketAddr>,
    tasks: JoinSet<Result<()>>,
    stop: CancellationToken,
}

impl Node {
    /// Starts the roles.
    ///
    /// # Errors
    /// If a part cannot be set up; what was started then stops.
    pub async fn start(
        config: &Config,
        secrets: &Secrets,
        servers: &Servers,
        roles: &BTreeSet<Role>,
        metrics: PrometheusHandle,
    ) -> Result<Self> {
        let core = Core::connect(config, secrets, servers).await?;
        if roles.contains(&Role::Api) || roles.contains(&Role::Workers) {
            catalogue::install(&core.commands.badges).await?;
        }
        let mut node =
            Self { http: None, metrics: None, tasks: JoinSet::new(), stop: CancellationToken::new() };
        let bus = connect_bus(config, secrets, &core, &servers.nats_url).await?;
        node.tasks.spawn(warn_of_server(bus.clone(), node.stop.clone()));
        let feed = Feed::new(core.store.reader(), Some(bus.clone()));
        let watcher = Watcher::new(core.store.pool().clone());
        let disk = Arc::new(disk(config, &core, &watcher, servers.maintenance.clone()));
        if roles.contains(&Role::Relay) {
            node.relay(connect_bus(config, secrets, &core, &servers.relay_url).await?, &core, config);
        }
        let mut runner = None;
        if roles.contains(&Role::Projections) {
            let work = Runner::new(&core.store, feed.clone(), watcher.clone(), RunnerOptions::default());
            runner = Some(work.state());
            let stop = node.stop.clone();
            node.tasks.spawn(async move { Ok(work.run(stop).await?) });
        }
        if roles.contains(&Role::Api) {
            let probes =
                Probes { store: core.store.clone(), bus: bus.clone(), watcher: watcher.clone(), runner };
            let gate = SessionGate::start(&core.store, feed.clone(), watcher.clone(), gate_options(config));
            let queries = Queries::new(&core.store, config.pool_size, gate, watcher.clone());
            let live = LiveEvents::start(&core.store, feed.clone(), &node.stop);
            node.api(config, secrets, &core, (queries, live), probes, &metrics).await?;
        }
        if let Some(address) = config.metrics_listen {
            node.serve_metrics(address, metrics.clone()).await?;
        }
        if roles.contains(&Role::Workers) {
            let (ingest, stop) = (ingest::reader(config, &core, bus), node.stop.clone());
            node.tasks.spawn(async move {
                ingest.run(stop).await;
                Ok(())
            });
            node.workers(config, &core, (feed.clone(), watcher.clone()), Arc::clone(&disk)).await?;
        }
        node.tasks.spawn(forgetting::run(core.store.clone(), feed, node.stop.clone()));
        let restored = Restored::new(core.store.clone(), JobQueries::new(&core.store, watcher), disk);
        node.tasks.spawn(housekeeping::run(core.store, restored, metrics, node.stop.clone()));
        Ok(node)
    }

    /// Returns when a part failed for good, or everything has stopped.
    ///
    /// # Errors
    /// The first failure.
    pub async fn wait(&mut self) -> Result<()> {
        match self.tasks.join_next().await {
            Some(ended) => ended.context("a part of the program panicked")?,
            None => Ok(()),
        }
    }

    /// Stops accepting, finishes what was accepted, and ends.
    pub async fn stop(mut self) {
        self.stop.cancel();
        while let Some(ended) = self.tasks.join_next().await {
            if let Ok(Err(error)) = ended {
                tracing::error!(error = format!("{error:#}"), "while stopping");
            }
        }
    }

    fn relay(&mut self, bus: Bus, core: &Core, config: &Config) {
        let relay = Relay::new(core.store.clone(), bus.clone(), RelayOptions::default());
        let (names, stop) = (config.nats.ingest.clone(), self.stop.clone());
        self.tasks.spawn(async move {
            bus::ingest::keep(bus, names, stop).await;
            Ok(())
        });
        let stop = self.stop.clone();
        self.tasks.spawn(async move {
            relay.run(stop).await;
            Ok(())
        });
    }

    async fn workers(
        &mut self,
        config: &Config,
        core: &Core,
        (feed, watcher): (Feed, Watcher),
        disk: Arc<Disk>,
    ) -> Result<()> {
        let options = WorkersOptions {
            store: core.store.clone(),
            feed,
            pool: core.store.pool().clone(),
            mailer: Mailer::new(&mail_settings(config, self.http))?,
            codes: core.codes.clone(),
            commands: core.commands.clone(),
            queries: JobQueries::new(&core.store, watcher),
            disk,
            clock: Arc::clone(&core.clock),
            concurrency: config.workers,
            tuning: workers::Tuning::default(),
        };
        let running = Workers::start(options, self.stop.clone()).await?;
        self.tasks.spawn(async move { Ok(running.join().await?) });
        Ok(())
    }
}

fn disk(config: &Config, core: &Core, watcher: &Watcher, maintenance: Maintenance) -> Disk {
    let mails = if config.mail.backend.is_none() { Mails::Files } else { Mails::Sent };
    Disk::new(core.store.clone(), watcher.clone(), maintenance, mails, Arc::clone(&core.clock))
}

async fn connect_bus(config: &Config, secrets: &Secrets, core: &Core, url: &str) -> Result<Bus> {
    Ok(Bus::connect(bus::Options {
        url: url.to_owned(),
        names: config.nats.events.clone(),
        cluster_key: copy(&secrets.cluster),
        log: core.store.log_id(),
    })
    .await?)
}

fn gate_options(config: &Config) -> GateOptions {
    // A token outlives its session's end by its own lifetime at most; a minute covers clocks that disagree.
    let lifetime = config.auth.access_lifetime.to_std().unwrap_or_default() + Duration::from_secs(60);
    GateOptions { access_token_lifetime: lifetime, ..GateOptions::default() }
}

fn mail_settings(config: &Config, http: Option<SocketAddr>) -> MailSettings {
    let outbox = config.data_dir.join("outbox");
    let public_url = config.public_url.clone();
    MailSettings {
        from: config.mail.from.clone(),
        public_url: public_url.unwrap_or_else(|| format!("http://{}", http.unwrap_or(config.listen))),
        former_outbox: config.mail.backend.is_some().then(|| outbox.clone()),
        backend: config.mail.backend.clone().unwrap_or(Backend::File { outbox }),
    }
}

/// Says once what is to be said of the NATS server's version.
async fn warn_of_server(bus: Bus, stop: CancellationToken) -> Result<()> {
    if stop.run_until_cancelled(bus.connected()).await.is_some()
        && let Some(warning) = bus.server_warning()
    {
        tracing::warn!("{warning}");
    }
    // A part that ends would end the node.
    stop.cancelled().await;
    Ok(())
}

#[cfg(test)]
mod tests {
    /// Here, because only the program knows both what the bus and what the API sends.
    #[test]
    fn checked_in_asyncapi_document_is_the_generated_one() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/asyncapi.json");
        let text = api::asyncapi::text(bus::asyncapi::document(
            &bus::Names::default(),
            &bus::ingest::Names::default(),
        ));
        if std::env::var_os("ANNALS_BLESS").is_some() {
            std::fs::write(path, &text).unwrap();
        }
        let kept = std::fs::read_to_string(path).unwrap_or_default();
        assert!(kept == text, "docs/asyncapi.json is stale: run the tests of `annals` with ANNALS_BLESS=1");
    }
}
