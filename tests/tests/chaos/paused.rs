//! A committer that stands still in the middle of its work.

use crate::{
    checks::{Log, rebuild_and_compare},
    dice::Dice,
    ledger::Ledger,
    local_writers::LocalWriter,
    remote_writers::RemoteWriter,
    world::{Addresses, World, eventually},
};
use annals_tests::program::signal;
use sqlx::PgPool;
use std::{sync::Arc, time::Duration};
use tokio::{
    task::JoinSet,
    time::{Instant, sleep},
};
use tokio_util::sync::CancellationToken;

const PAUSES: usize = 4;
const PAUSE: Duration = Duration::from_secs(6);
/// Well below a pause: whoever waited for the paused one would show.
const BOUND: Duration = Duration::from_secs(4);

/// How long the read models stood still while there was something to read.
async fn longest_stall(pool: &PgPool, stop: &CancellationToken) -> Duration {
    let sql = "SELECT (SELECT min(position) FROM projections.cursors), (SELECT max(position) FROM es.events)";
    let (mut longest, mut last, mut since) = (Duration::ZERO, -1, Instant::now());
    while !stop.is_cancelled() {
        let (position, head): (i64, i64) = sqlx::query_as(sql).fetch_one(pool).await.unwrap();
        if position != last || position == head {
            (last, since) = (position, Instant::now());
        }
        longest = longest.max(since.elapsed());
        sleep(Duration::from_millis(50)).await;
    }
    longest
}

#[tokio::test(flavor = "multi_thread")]
async fn paused_committer_does_not_stall_the_others() {
    let mut dice = Dice::from_environment();
    let world = World::new().await;
    let programs = [world.program().await, world.program().await];
    let accounts = world.accounts(&programs[0], 4).await;
    let (victim, witness) = (Arc::<Ledger>::default(), Arc::<Ledger>::default());
    let stop = CancellationToken::new();
    let mut writers = JoinSet::new();
    for n in 0..8 {
        for (program, ledger) in programs.iter().zip([&victim, &witness]) {
            let remote = RemoteWriter {
                name: format!("{}-w{n}", program.pid()),
                accounts: accounts.clone(),
                addresses: Addresses::of(std::slice::from_ref(program)),
                ledger: Arc::clone(ledger),
                dice: dice.fork(),
            };
            writers.spawn(remote.run(stop.clone()));
        }
        let local = LocalWriter {
            name: format!("local-w{n}"),
            accounts: accounts.clone(),
            executor: world.executor.clone(),
            ledger: Arc::clone(&witness),
            dice: dice.fork(),
        };
        writers.spawn(local.run(stop.clone()));
    }

    let (measured, measuring) = (stop.clone(), world.db.pool().await);
    let stall = tokio::spawn(async move { longest_stall(&measuring, &measured).await });
    for _ in 0..PAUSES {
        sleep(dice.millis(300, 900)).await;
        signal(programs[0].pid(), "STOP");
        sleep(PAUSE).await;
        signal(programs[0].pid(), "CONT");
    }
    stop.cancel();
    writers.join_all().await;
    let stall = stall.await.unwrap();
    println!("the read models stood still for {stall:?} at most");

    let log = Log::read(&world).await;
    let mut wrongs = Vec::new();
    let mut all = std::mem::take(&mut *victim.pages());
    let others = std::mem::take(&mut *witness.pages());
    println!(
        "{} + {} commands, {:?}, {:?}",
        all.commands.len(),
        others.commands.len(),
        all.answers,
        others.answers
    );
    println!("slowest of the others {:?}, of the paused {:?}", others.slowest, all.slowest);
    wrongs.extend(all.wrongs.drain(..).chain(others.wrongs));
    all.commands.extend(others.commands);
    all.sights.extend(others.sights);
    log.hold_against(&all, &mut wrongs);
    let caught_up = eventually(Duration::from_secs(60), async || {
        let status = programs[1].status().await;
        status["projections"].as_object().unwrap().values().all(|at| at.as_i64() == Some(log.head()))
    });
    assert!(caught_up.await, "the read models catch up");
    rebuild_and_compare(&programs[1], &mut wrongs).await;
    assert!(wrongs.is_empty(), "{wrongs:#?}");
    // The first to start holds the runner's lock at the first pause: another one takes over within it.
    assert!(stall < PAUSE, "the read models waited {stall:?} for a paused process");
    assert!(others.slowest < BOUND, "a command waited {:?} for a paused process", others.slowest);
}
