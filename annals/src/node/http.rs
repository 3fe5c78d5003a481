//! The parts of a node that answer HTTP: the API, and metrics at an address of their own.

use super::Node;
use crate::{
    config::{Config, Secrets, TokenKeys},
    core::Core,
    readiness::Probes,
    schedules,
    signing_keys::{LOOK, SigningKeys},
};
use anyhow::{Context, Result};
use api::{App, HttpOptions, KeyRing, MetricsText, Parts, Signing, TokenOptions, Tokens};
use aws_lc_rs::hmac;
use commands::Quota;
use metrics_exporter_prometheus::PrometheusHandle;
use projections::{LiveEvents, Queries, SessionActivity};
use secrecy::{ExposeSecret, SecretSlice};
use std::{net::SocketAddr, sync::Arc};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

/// `iss` and `aud` of access tokens.
const ISSUER: &str = "annals";

impl Node {
    pub(super) async fn api(
        &mut self,
        config: &Config,
        secrets: &Secrets,
        core: &Core,
        (queries, live): (Queries, LiveEvents),
        probes: Probes,
        metrics: &PrometheusHandle,
    ) -> Result<()> {
        let activity = SessionActivity::new(&core.store, config.auth.session_idle);
        let parts = Parts {
            commands: core.commands.clone(),
            quota: Quota::new(core.store.clone(), config.requests),
            queries,
            live,
            activity: activity.clone(),
            tokens: Tokens::try_new(&TokenOptions {
                signing: self.signing(config, secrets, core)?,
                issuer: ISSUER.into(),
                audience: ISSUER.into(),
                lifetime: config.auth.access_lifetime,
            })?,
            readiness: Arc::new(probes),
            schedules: Arc::new(schedules::Desk(workers::schedules::Schedules::new(
                core.store.pool().clone(),
            ))),
            metrics: config.metrics_public.then(|| text_of(metrics)),
        };
        let options = HttpOptions {
            fresh_within: config.fresh_within,
            front: config.front.clone(),
            connections: config.connections,
            bots: config.bots,
            public_url: config.public_url.clone(),
            ..HttpOptions::new(fingerprint_key(secrets))
        };
        let published = bus::asyncapi::document(&config.nats.events, &config.nats.ingest);
        let facts = (Arc::clone(&core.clock), Arc::clone(&core.mint));
        let app = App::new(parts, options, facts, published);
        let listener = TcpListener::bind(config.listen)
            .await
            .with_context(|| format!("cannot listen on {} (ANNALS_LISTEN)", config.listen))?;
        self.http = Some(listener.local_addr()?);
        let stop = self.stop.clone();
        self.tasks.spawn(async move {
            let written = CancellationToken::new();
            let writing = tokio::spawn(activity.run(written.clone()));
            let served = api::serve(listener, app, stop).await;
            // What the last requests were is known only now.
            written.cancel();
            writing.await?;
            Ok(served?)
        });
        Ok(())
    }

    /// The keys of access tokens; key pairs are read again while the program runs.
    fn signing(&mut self, config: &Config, secrets: &Secrets, core: &Core) -> Result<Signing> {
        let algorithm = match &secrets.tokens {
            TokenKeys::Shared(key) => return Ok(Signing::Hs256(key.clone())),
            TokenKeys::Pairs(algorithm) => *algorithm,
        };
        let directory = SigningKeys::of(config, algorithm)?;
        let ring = KeyRing::try_new(directory.load_or_begin(core.clock.now())?)?;
        let (kept, stop) = (ring.clone(), self.stop.clone());
        self.tasks.spawn(async move {
            stop.run_until_cancelled(directory.follow(kept, LOOK)).await;
            Ok(())
        });
        Ok(Signing::KeyPairs(ring))
    }

    pub(super) async fn serve_metrics(
        &mut self,
        address: SocketAddr,
        metrics: PrometheusHandle,
    ) -> Result<()> {
        let listener = TcpListener::bind(address)
            .await
            .with_context(|| format!("cannot listen on {address} (ANNALS_METRICS_LISTEN)"))?;
        self.metrics = Some(listener.local_addr()?);
        let stop = self.stop.clone();
        self.tasks.spawn(async move { Ok(api::serve_metrics(listener, text_of(&metrics), stop).await?) });
        Ok(())
    }
}

/// Idempotency fingerprints need a key of their own, the same on every node: derived, so that nobody must set it, and
/// from a key that nobody replaces, or a repeat would not be recognised on a node with the next one.
fn fingerprint_key(secrets: &Secrets) -> SecretSlice<u8> {
    let key = hmac::Key::new(hmac::HMAC_SHA256, secrets.cluster.expose_secret());
    hmac::sign(&key, b"annals fingerprint v1").as_ref().to_vec().into()
}

fn text_of(metrics: &PrometheusHandle) -> MetricsText {
    let metrics = metrics.clone();
    Arc::new(move || metrics.render())
}
