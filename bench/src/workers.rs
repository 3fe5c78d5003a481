//! The workers in this process, as a node has them.

use annals::disk::{Disk, Mails, Maintenance};
use annals_tests::Db;
use bus::Feed;
use commands::{AccountSettings, Accounts, Codes, Commands, Executor, Passwords, SystemClock, SystemMint};
use projections::{JobQueries, Watcher};
use std::sync::Arc;
use store::Store;
use tokio_util::sync::CancellationToken;
use workers::{Backend, MailSettings, Mailer, Running, Tuning, Workers, WorkersOptions};

pub async fn start(
    db: &Db,
    store: &Store,
    executor: Executor,
    watcher: Watcher,
    feed: Feed,
    stop: CancellationToken,
) -> Running {
    let codes = Codes::new(&[9; 32]);
    let passwords = Passwords::new(1, Arc::new(SystemMint));
    let settings = MailSettings { backend: Backend::Console, ..MailSettings::default() };
    let options = WorkersOptions {
        store: store.clone(),
        feed,
        pool: db.pool().await,
        mailer: Mailer::new(&settings).unwrap(),
        codes: codes.clone(),
        commands: Commands::new(
            executor.clone(),
            Accounts::new(executor, passwords, codes, AccountSettings::default()),
        ),
        queries: JobQueries::new(store, watcher.clone()),
        disk: Arc::new(Disk::new(
            store.clone(),
            watcher,
            Maintenance::by(db.log_role_url.clone(), db.keys_role_url.clone()),
            Mails::Sent,
            Arc::new(SystemClock),
        )),
        clock: Arc::new(SystemClock),
        concurrency: 8,
        tuning: Tuning::default(),
    };
    Workers::start(options, stop).await.unwrap()
}
