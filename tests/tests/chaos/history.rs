//! The whole machine under torment, and its history afterwards.

use crate::{
    checks::{Log, acknowledged, rebuild_and_compare},
    dice::Dice,
    ledger::{Deed, Ledger},
    listener::{Listener, Seen},
    local_writers::LocalWriter,
    remote_writers::RemoteWriter,
    tormentor::{Tormentor, tail},
    world::{Account, Addresses, World, client, eventually},
};
use annals_tests::program::Program;
use serde_json::Value;
use std::{sync::Arc, time::Duration};
use tokio::{
    task::JoinSet,
    time::{Instant, timeout},
};
use tokio_util::sync::CancellationToken;

const WRITERS: usize = 8;
const ACCOUNTS: usize = 6;
const SETTLE: Duration = Duration::from_secs(90);
/// More than the pool of this process has.
const SESSIONS: u32 = 16;

fn lasts() -> Duration {
    let seconds = std::env::var_os("ANNALS_PROOF_SECONDS");
    Duration::from_secs(seconds.map_or(45, |seconds| seconds.to_str().unwrap().parse().unwrap()))
}

#[tokio::test(flavor = "multi_thread")]
async fn history_is_right_whatever_is_killed_paused_and_wiped() {
    let (mut dice, started) = (Dice::from_environment(), Instant::now());
    let world = World::new().await;
    let programs = vec![world.program().await, world.program().await];
    let accounts = world.accounts(&programs[0], ACCOUNTS).await;
    let addresses = Addresses::of(&programs);
    let listener = Listener::start(&world).await;
    let (ledger, stop) = (Arc::<Ledger>::default(), CancellationToken::new());
    let mut tormentor = Tormentor::new(&world, programs, addresses.clone(), dice.fork());

    let writers = write(&world, &accounts, &addresses, &ledger, &mut dice, &stop);
    println!("set up after {:.1?}", started.elapsed());
    let begun = Instant::now();
    tormentor.run(lasts()).await;
    stop.cancel();
    timeout(Duration::from_secs(120), writers.join_all()).await.expect("every writer comes to an end");

    let mut wrongs = std::mem::take(&mut ledger.pages().wrongs);
    wrongs.extend(settle(&world, &tormentor.programs[0], &listener).await);
    let (seen, settled) = (listener.stop().await, begun.elapsed());
    tormentor.nobody_gave_up();
    let log = Log::read(&world).await;
    {
        let pages = ledger.pages();
        log.hold_against(&pages, &mut wrongs);
    }
    log.hold_against_client(&seen, &mut wrongs);
    log.hold_against_pages(&world, &mut wrongs).await;
    println!("held against the log after {:.1?}", started.elapsed());
    rebuild_and_compare(&tormentor.programs[1], &mut wrongs).await;
    for program in &tormentor.programs {
        read_back(program, &accounts, &log, &mut wrongs).await;
    }

    println!("checked after {:.1?}", started.elapsed());
    report(&ledger, &tormentor, &seen, &log, settled);
    if !wrongs.is_empty() {
        tormentor.programs.iter().for_each(|program| println!("--- {}", tail(program)));
    }
    let shown = wrongs.iter().take(20).cloned().collect::<Vec<_>>().join("\n");
    assert!(wrongs.is_empty(), "{} wrongs:\n{shown}", wrongs.len());
    assert!(acknowledged(&ledger.pages(), Deed::Write) > 100, "the writers hardly wrote");
}

fn write(
    world: &World,
    accounts: &[Account],
    addresses: &Addresses,
    ledger: &Arc<Ledger>,
    dice: &mut Dice,
    stop: &CancellationToken,
) -> JoinSet<()> {
    let mut writers = JoinSet::new();
    for n in 0..WRITERS {
        let (accounts, ledger) = (accounts.to_vec(), Arc::clone(ledger));
        let remote = RemoteWriter {
            name: format!("remote-w{n}"),
            accounts: accounts.clone(),
            addresses: addresses.clone(),
            ledger: Arc::clone(&ledger),
            dice: dice.fork(),
        };
        writers.spawn(remote.run(stop.clone()));
        let executor = world.executor.clone();
        let local =
            LocalWriter { name: format!("local-w{n}"), accounts, executor, ledger, dice: dice.fork() };
        writers.spawn(local.run(stop.clone()));
    }
    writers
}

/// Of the log. Sessions of this process's pool that were ended last fail at their next use, which is once for each.
async fn head(world: &World) -> i64 {
    let (mut head, mut answered) = (0, 0);
    let all_answer = eventually(SETTLE, async || {
        match world.store.reader().head().await {
            Ok(position) => (head, answered) = (position, answered + 1),
            Err(_) => answered = 0,
        }
        answered > SESSIONS
    });
    assert!(all_answer.await, "the log cannot be read");
    head
}

/// Waits until the read models and the NATS client have reached the head.
async fn settle(world: &World, program: &Program, listener: &Listener) -> Vec<String> {
    let head = head(world).await;
    let mut wrongs = Vec::new();
    let read = eventually(SETTLE, async || {
        let status = program.status().await;
        let models = status["projections"].as_object().unwrap();
        !models.is_empty() && models.values().all(|position| position.as_i64() == Some(head))
    });
    if !read.await {
        wrongs.push(format!("the read models have not reached {head}: {}", program.status().await));
    }
    if !eventually(SETTLE, async || listener.reached() >= head).await {
        wrongs.push(format!("the NATS client has seen all up to {} of {head}", listener.reached()));
    }
    wrongs
}

/// What each program shows of each profile is what was logged last.
async fn read_back(program: &Program, accounts: &[Account], log: &Log, wrongs: &mut Vec<String>) {
    let client = client(Duration::from_secs(10));
    for account in accounts {
        let request = client.get(program.url("/api/users/profile")).bearer_auth(&account.token);
        let reply = request.header("Annals-Min-Position", log.head()).send().await.unwrap();
        let status = reply.status();
        let profile: Value = reply.json().await.unwrap_or_default();
        if profile["bio"].as_str() != log.last_bio(account.user) {
            let last = log.last_bio(account.user);
            wrongs.push(format!("{} is shown ({status}) {}, logged {last:?}", account.user, profile["bio"]));
        }
    }
}

fn report(ledger: &Ledger, tormentor: &Tormentor<'_>, seen: &Seen, log: &Log, took: Duration) {
    let pages = ledger.pages();
    let (created, written) = (acknowledged(&pages, Deed::Create), acknowledged(&pages, Deed::Write));
    let unknown = pages.commands.len() - created - written;
    let repeated = pages.commands.iter().filter(|command| command.attempts > 1).count();
    println!(
        "{created} creations and {written} writes acknowledged, {repeated} of them repeated, {unknown} not"
    );
    println!(
        "{} events; slowest acknowledgement {:.1?}; settled after {took:.1?}",
        log.head(),
        pages.slowest
    );
    println!("answers {:?}", pages.answers);
    println!("{} reads of one's own write; torments {:?}", pages.sights.len(), tormentor.done);
    println!("NATS client: {} live, {} reread, {} wipes noticed", seen.live, seen.reread, seen.wipes);
}
