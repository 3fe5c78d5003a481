//! The life of both servers, on one thread: start, watch, start again, stop.
//!
//! The thread is dedicated because Linux ends a server when the *thread* that spawned it ends; it must therefore do
//! all spawning and live as long as the servers.

use std::sync::Arc;
use std::thread;

use anyhow::Result;
use tokio::sync::{oneshot, watch};
use tokio_util::sync::CancellationToken;

use super::account::Account;
use super::endpoints::Endpoints;
use super::layout::Layout;
use super::lock::Lock;
use super::process::{Launcher, Running, SharedPid};
use super::supervise::supervise;
use super::{Options, leftover, nats, postgres};

/// What the handle and the thread share.
#[derive(Default)]
pub(super) struct Control {
    pub(super) stop: CancellationToken,
    pub(super) suspended: watch::Sender<bool>,
    pub(super) postgres: SharedPid,
    pub(super) nats: SharedPid,
}

/// Starts the thread. `started` gets the outcome of the start; `finished` is dropped at the end of the thread.
pub(super) fn spawn(
    options: Options,
    control: Arc<Control>,
    started: oneshot::Sender<Result<Endpoints>>,
    finished: oneshot::Sender<()>,
) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let keep = move || {
        runtime.block_on(keep(&options, &control, started));
        drop((runtime, finished));
    };
    thread::Builder::new().name("annals-servers".to_owned()).spawn(keep)?;
    Ok(())
}

async fn keep(options: &Options, control: &Control, mut started: oneshot::Sender<Result<Endpoints>>) {
    let launched = tokio::select! {
        launched = launch(options, control) => launched,
        // Nobody waits for the start any more.
        () = started.closed() => return,
    };
    match launched {
        Err(error) => drop(started.send(Err(error))),
        Ok(fleet) => {
            if started.send(Ok(fleet.endpoints)).is_err() {
                control.stop.cancel();
            }
            tokio::join!(supervise(fleet.postgres, control), supervise(fleet.nats, control));
            drop(fleet.lock);
        }
    }
}

struct Fleet {
    endpoints: Endpoints,
    postgres: Running,
    nats: Running,
    lock: Lock,
}

async fn launch(options: &Options, control: &Control) -> Result<Fleet> {
    let layout = Layout::create(&options.data_dir)?;
    let lock = Lock::acquire(&layout.run("lock"))?;
    let account = Account::choose(&layout)?;
    layout.admit(account.as_ref())?;
    let launcher = Launcher::new(account).await;
    // Before the ports are chosen: what is left over still holds ours.
    tokio::try_join!(leftover::stop(postgres::trace(&layout)), leftover::stop(nats::trace(&layout)))?;
    let endpoints = Endpoints::remember(&layout)?;
    let (postgres, nats) = plans(options, control, &layout, &launcher, &endpoints);
    let (postgres, nats) = match tokio::join!(postgres.start(), nats.start()) {
        (Ok(postgres), Ok(nats)) => (postgres, nats),
        (postgres, nats) => return Err(give_up(postgres, nats).await),
    };
    tracing::info!(data_dir = %layout.root().display(), "embedded PostgreSQL and NATS are up");
    Ok(Fleet { endpoints, postgres, nats, lock })
}

fn plans<'a>(
    options: &'a Options,
    control: &Control,
    layout: &'a Layout,
    launcher: &'a Launcher,
    endpoints: &'a Endpoints,
) -> (postgres::Plan<'a>, nats::Plan<'a>) {
    let (tuning, program, open) = (&options.postgres, options.nats_server.as_deref(), options.nats_open);
    let (postgres, nats) = (control.postgres.clone(), control.nats.clone());
    (
        postgres::Plan { layout, endpoints, launcher, tuning, pid: postgres },
        nats::Plan { layout, endpoints, launcher, program, open, pid: nats },
    )
}

/// Ends the one that came up, and says why the other did not.
async fn give_up(postgres: Result<Running>, nats: Result<Running>) -> anyhow::Error {
    match (postgres, nats) {
        (Err(error), Ok(other)) | (Ok(other), Err(error)) => {
            other.stop().await;
            error
        }
        (Err(postgres), Err(nats)) => postgres.context(format!("NATS did not start either: {nats:#}")),
        (Ok(_), Ok(_)) => anyhow::anyhow!("both servers are up"),
    }
}
