//! Executor to durable: ours against stock cqrs-es and postgres-es, with the same aggregate and events.

use crate::{
    raw,
    report::{Floor, Latencies, Report},
    stock::Stock,
};
use annals_tests::{
    Db, Lab,
    samples::{new_user, noon},
};
use commands::{Caller, Executor, IdempotencyKey, Principal, SystemClock, SystemMint, Unit};
use domain::{
    SessionId, UserId,
    profile::{CreateProfile, Patch, Profile, ProfilePatch, UpdateProfile},
    values::Role,
};
use std::{
    future::Future,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

pub const CLIENTS: usize = 64;
const FOR: Duration = Duration::from_secs(6);
const WARM_UP: Duration = Duration::from_secs(2);

pub async fn executor(db: &Db) -> Executor {
    Executor::new(db.store().await, Arc::new(SystemClock), Arc::new(SystemMint))
}

pub fn system() -> Caller {
    Caller { principal: Principal::System("bench".into()), ..traced() }
}

/// What a request over HTTP would carry, so that rows have about 500 bytes.
fn traced() -> Caller {
    Caller {
        request_id: Some(TRACE.into()),
        correlation_id: Some(TRACE.into()),
        traceparent: Some(TRACEPARENT.into()),
        ..Caller::default()
    }
}

pub const TRACE: &str = "0198c9f0-0000-7000-8000-00000000000f";
pub const TRACEPARENT: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

pub fn owner(user: UserId) -> Caller {
    let principal = Principal::User {
        id: user,
        session: SessionId::from_uuid(user.uuid()),
        role: Role::Normal,
        verified: true,
    };
    Caller { principal, ..traced() }
}

/// A change of every time: the switch is turned to and fro.
pub fn toggle(user: UserId, n: u64) -> UpdateProfile {
    let patch = ProfilePatch {
        is_private: Patch::Set(n.is_multiple_of(2)),
        show_email: Patch::Set(n.is_multiple_of(2)),
        show_phone: Patch::Set(n.is_multiple_of(2)),
        show_location: Patch::Set(n.is_multiple_of(2)),
        ..ProfilePatch::default()
    };
    UpdateProfile { user, patch, at: noon() }
}

/// Calls per second of `clients` closed loops, after a warm-up.
pub async fn rate<F, Fut>(clients: usize, call: F) -> f64
where
    F: Fn(usize, u64) -> Fut + Clone + Send + Sync + 'static,
    Fut: Future<Output = ()> + Send,
{
    let counted = Arc::new(AtomicU64::new(0));
    let begin = Instant::now();
    let loops = (0..clients).map(|client| {
        let (call, counted) = (call.clone(), Arc::clone(&counted));
        tokio::spawn(async move {
            for n in 0.. {
                let elapsed = begin.elapsed();
                if elapsed > WARM_UP + FOR {
                    break;
                }
                call(client, n).await;
                counted.fetch_add(u64::from(elapsed > WARM_UP), Ordering::Relaxed);
            }
        })
    });
    futures::future::join_all(loops.collect::<Vec<_>>()).await;
    counted.load(Ordering::Relaxed) as f64 / FOR.as_secs_f64()
}

async fn profiles(executor: &Executor, count: usize) -> Arc<Vec<UserId>> {
    let users: Vec<UserId> = (0..count).map(|_| new_user()).collect();
    let caller = system();
    let created = users
        .iter()
        .map(|user| executor.run::<Profile>(*user, CreateProfile { user: *user, at: noon() }, &caller));
    futures::future::join_all(created).await.into_iter().for_each(|done| drop(done.unwrap()));
    Arc::new(users)
}

/// Streams a client changes in turn: short ones, so that stock's loading of whole streams does not decide.
const PER_CLIENT: usize = 16;

async fn ours_hot(executor: &Executor) -> f64 {
    let users = profiles(executor, CLIENTS * PER_CLIENT).await;
    let executor = executor.clone();
    rate(CLIENTS, move |client, n| {
        let user = users[client * PER_CLIENT + n as usize % PER_CLIENT];
        let executor = executor.clone();
        async move {
            executor.run::<Profile>(user, toggle(user, n / PER_CLIENT as u64), &owner(user)).await.unwrap();
        }
    })
    .await
}

async fn ours_fresh(executor: &Executor) -> f64 {
    let executor = executor.clone();
    rate(CLIENTS, move |_, _| {
        let executor = executor.clone();
        async move {
            let user = new_user();
            let unit = Unit::new().begin::<Profile>(user, CreateProfile { user, at: noon() });
            executor.run_all(unit, &system()).await.unwrap();
        }
    })
    .await
}

/// Two processes' worth of stores on one log.
async fn two_committers(db: &Db) -> f64 {
    let executors = [executor(db).await, executor(db).await];
    rate(CLIENTS, move |client, _| {
        let executor = executors[client % 2].clone();
        async move {
            let user = new_user();
            let unit = Unit::new().begin::<Profile>(user, CreateProfile { user, at: noon() });
            executor.run_all(unit, &system()).await.unwrap();
        }
    })
    .await
}

async fn ours_keyed(executor: &Executor) -> f64 {
    let executor = executor.clone();
    rate(CLIENTS, move |client, n| {
        let executor = executor.clone();
        async move {
            let user = new_user();
            let unit = Unit::new().begin::<Profile>(user, CreateProfile { user, at: noon() });
            let mut caller = system();
            caller.idempotency = Some(IdempotencyKey {
                key: format!("{client}-{n}"),
                route: String::new(),
                fingerprint: [7; 32],
            });
            executor.run_all(unit, &caller).await.unwrap();
        }
    })
    .await
}

/// The log itself with a key and a claim for each command.
async fn claimed(db: &Db) -> f64 {
    let store = db.store().await;
    rate(CLIENTS, move |client, n| {
        let store = store.clone();
        async move {
            use annals_tests::samples::{event, profile_created, profile_stream, submission};
            let user = new_user();
            let mut written = submission(profile_stream(user), 0, vec![event(&profile_created(user))]);
            written.claims = vec![store::ClaimChange {
                kind: domain::aggregate::ClaimKind::Username,
                value: user.to_string(),
                owner: user.uuid(),
                take: true,
            }];
            written.idempotency = Some(store::IdempotencyKey {
                principal: "bench".into(),
                key: format!("c{client}-{n}"),
                fingerprint: [7; 32],
                receipt: "{}".into(),
            });
            store.submit(written).await.unwrap();
        }
    })
    .await
}

pub async fn throughput(report: &mut Report) {
    let db = Lab::db().await;
    let executor = executor(&db).await;
    let stock = Stock::connect().await;
    let (stock_hot, ours_hot) = (stock.hot().await, ours_hot(&executor).await);
    let (stock_fresh, ours_fresh) = (stock.fresh().await, ours_fresh(&executor).await);
    let detail =
        |ours: f64, stock: f64| format!("{ours:.0} ÷ {stock:.0} commands/s; row of about {} bytes", 0);
    let size = raw::row_size(&db).await;
    let detail = |ours, stock| detail(ours, stock).replace(" 0 bytes", &format!(" {size} bytes"));
    report.row(
        "64 clients, hot streams: ours ÷ stock",
        ours_hot / stock_hot,
        "×",
        Floor::AtLeast(6.0),
        &detail(ours_hot, stock_hot),
    );
    report.row(
        "64 clients, fresh ids: ours ÷ stock",
        ours_fresh / stock_fresh,
        "×",
        Floor::AtLeast(6.0),
        &detail(ours_fresh, stock_fresh),
    );
    let halves = two_committers(&db).await;
    report.row(
        "two committers with 32 clients each ÷ one with 64, fresh ids",
        halves / ours_fresh,
        "×",
        Floor::Shown,
        &format!("{halves:.0} ÷ {ours_fresh:.0} commands/s"),
    );
    let keyed = ours_keyed(&executor).await;
    report.row("64 clients, fresh ids, an idempotency key each", keyed, "/s", Floor::Shown, "");
    let claimed = claimed(&db).await;
    report.row("64 clients, fresh ids, a key and a claim each (store)", claimed, "/s", Floor::Shown, "");
}

/// 8 of 64 writers share one stream.
pub async fn contention(report: &mut Report) {
    let db = Lab::db().await;
    let executor = executor(&db).await;
    let uncontended = ours_hot(&executor).await;
    let users = profiles(&executor, CLIENTS * PER_CLIENT).await;
    let shared = users[0];
    let contended = rate(CLIENTS, move |client, n| {
        let own = users[client * PER_CLIENT + n as usize % PER_CLIENT];
        let executor = executor.clone();
        async move {
            let (user, turn) =
                if client < 8 { (shared, n * 8 + client as u64) } else { (own, n / PER_CLIENT as u64) };
            executor.run::<Profile>(user, toggle(user, turn), &owner(user)).await.unwrap();
        }
    })
    .await;
    let detail = format!("{contended:.0} ÷ {uncontended:.0} commands/s");
    report.row(
        "8 of 64 writers on one stream: rate ÷ uncontended",
        contended / uncontended,
        "×",
        Floor::AtLeast(0.8),
        &detail,
    );
}

/// One client, one command at a time, against a raw insert of one row of the same size.
pub async fn one_client(report: &mut Report) {
    let db = Lab::db().await;
    let executor = executor(&db).await;
    let user = profiles(&executor, 1).await[0];
    let raw = raw::pgbench(&db).await;
    // As a task, as requests are: the thread that blocks on the runtime is none of its workers.
    let ours = tokio::spawn(one_after_the_other(executor, user)).await.unwrap();
    let ratio = ours.quantile(0.5) / raw.quantile(0.5);
    let detail = format!("ours {}; pgbench {}", ours.summary(), raw.summary());
    report.row("one client: p50 ÷ p50 of a raw one-row insert", ratio, "×", Floor::AtMost(1.5), &detail);
}

async fn one_after_the_other(executor: Executor, user: UserId) -> Latencies {
    let mut latencies = Latencies::default();
    let end = Instant::now() + FOR;
    for n in 0.. {
        let begin = Instant::now();
        if begin > end {
            break;
        }
        executor.run::<Profile>(user, toggle(user, n), &owner(user)).await.unwrap();
        latencies.add(begin.elapsed());
    }
    latencies
}
