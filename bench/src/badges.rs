//! Badges: events through the evaluator, a criterion tried over a million facts, and how long an award takes.

use crate::{
    commands::executor,
    report::{Floor, Latencies, Report},
};
use annals::embedded::User;
use annals_tests::{
    Lab,
    samples::{deed, event, new_user, noon, recorded, registered, submission, user_stream},
};
use bus::{Bus, Names, Options, Relay, RelayOptions};
use chrono::{DateTime, Utc};
use commands::{Badges, Caller, Clock, SystemClock};
use domain::{
    ActivityId, AwardId, BadgeId, UserId,
    activity::{ActivityEvent, ActivityKind, Deed},
    badge::{
        Availability, Badge, DefineBadge, NewBadge, RetireBadge, catalogue,
        criteria::{Criterion, Field, Rule},
    },
};
use projections::{BADGES, RebuildOptions, Runner, RunnerOptions, Watcher, badge_progress::preview, rebuild};
use secrecy::SecretBox;
use std::time::{Duration, Instant};
use store::{Store, StreamRef};
use tokio_util::sync::CancellationToken;

const PEOPLE: usize = 500;
const DAYS: u64 = 40;
const FACTS: i64 = 1_000_000;
const RATE: u64 = 500;
const SECONDS: u64 = 10;
/// Who have the badge already.
const REGULARS: usize = 100;
/// Of so many events one is a newcomer's.
const NEW: u64 = 10;

pub async fn run(report: &mut Report) {
    evaluator(report).await;
    previewed(report).await;
    earned(report).await;
}

/// A badge that posts move, or one that they do not.
fn badge(n: usize, moved: bool) -> NewBadge {
    let field = if moved { Field::PostsCount } else { Field::BugsVerified };
    let rule = Rule::Counter { field, threshold: i64::try_from(n).unwrap() + 1_000 };
    let criteria = Some(Criterion { rule, description: None });
    let like = catalogue::catalogue(noon()).unwrap().remove(0).new;
    NewBadge { name: format!("Bench {n} {moved}").parse().unwrap(), criteria, ..like }
}

async fn define(executor: &commands::Executor, from: usize, to: usize, moved: bool) {
    for n in from..to {
        let id = BadgeId::mint(noon(), annals_tests::samples::random());
        let define = DefineBadge { badge: id, new: badge(n, moved), others: 0, active: true, at: noon() };
        executor.run::<Badge>(id, define, &Caller::system("bench")).await.unwrap();
    }
}

fn post(user: UserId, n: u64) -> ActivityEvent {
    let deed = Deed {
        kind: ActivityKind::PostCreate,
        object: None,
        target: None,
        ..deed(user, noon().date_naive())
    };
    recorded(deed, noon() + chrono::TimeDelta::seconds(n.cast_signed())).into()
}

/// Posts of many people, in streams of a day each.
async fn posts(store: &Store) -> i64 {
    let mut head = 0;
    for n in 0..DAYS {
        let day = noon().date_naive() + chrono::Days::new(n);
        let written = (0..PEOPLE).map(|person| {
            let user = UserId::from_uuid(uuid::Uuid::from_u128(person as u128 + 1));
            let stream = StreamRef { aggregate_type: "activity", id: ActivityId::of(user, day).uuid() };
            store.submit(submission(stream, 0, vec![event(&post(user, n))]))
        });
        for done in futures::future::join_all(written).await {
            head = head.max(done.unwrap().position);
        }
    }
    head
}

async fn evaluator(report: &mut Report) {
    let db = Lab::db().await;
    let (store, executor) = (db.store().await, executor(&db).await);
    define(&executor, 0, 10, true).await;
    posts(&store).await;
    let mut rates = Vec::new();
    let mut defined = 10;
    for badges in [10_usize, 100, 1_000] {
        define(&executor, defined, badges, false).await;
        defined = badges;
        let events = store.reader().head().await.unwrap();
        let begin = Instant::now();
        rebuild(&store, "badge_progress", RebuildOptions::default(), |_| {}).await.unwrap();
        rates.push(events as f64 / begin.elapsed().as_secs_f64());
        let what = format!("events through the evaluator with {badges} active badges");
        report.row(
            &what,
            rates[rates.len() - 1],
            "/s",
            Floor::Shown,
            &format!("{events} events, from the log"),
        );
    }
    report.row(
        "1,000 badges ÷ 10, of which an event moves 10",
        rates[0] / rates[2],
        "× time",
        Floor::AtMost(2.0),
        "",
    );
}

async fn previewed(report: &mut Report) {
    let db = Lab::db().await;
    let (store, pool) = (db.store().await, db.pool().await);
    let stop = CancellationToken::new();
    let watcher = Watcher::new(pool.clone());
    tokio::spawn(
        Runner::new(&store, bus::Feed::new(store.reader(), None), watcher, RunnerOptions::default())
            .run(stop.clone()),
    );
    while sqlx::query("SELECT 1 FROM p_badge_progress.badge_facts").fetch_optional(&pool).await.is_err() {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    // The facts of a million events, written into the read model: to make them by commands would take longer.
    sqlx::query(
        "INSERT INTO p_badge_progress.badge_facts
         SELECT ('00000000-0000-7000-8000-' || lpad(to_hex(n % 20000), 12, '0'))::uuid, n, 0,
                timestamptz '2026-01-01' + n * interval '10 seconds', date '2026-01-01' + (n / 8640)::int,
                'did', (ARRAY['post_create', 'like', 'comment', 'login'])[1 + n % 4], false, NULL, NULL, 0
           FROM generate_series(1, $1) n",
    )
    .bind(FACTS)
    .execute(&pool)
    .await
    .unwrap();
    sqlx::query("VACUUM ANALYZE p_badge_progress.badge_facts").execute(&pool).await.unwrap();
    let criterion =
        Criterion { rule: Rule::Counter { field: Field::PostsCount, threshold: 10 }, description: None };
    let begin = Instant::now();
    let preview = preview::of_store(&store, criterion, Availability::default(), |_| {}).await.unwrap();
    let rate = preview.facts as f64 / begin.elapsed().as_secs_f64();
    let detail = format!(
        "{} facts of {} people, {} would have earned it",
        preview.facts, preview.people, preview.earned
    );
    report.row(
        "a criterion tried over a million events",
        rate,
        "events/s",
        Floor::AtLeast(200_000.0),
        &detail,
    );
    stop.cancel();
}

/// From the commit of the event that earns a badge to where readers see the badge, while others do something, too.
async fn earned(report: &mut Report) {
    let db = Lab::db().await;
    let (store, pool, executor) = (db.store().await, db.pool().await, executor(&db).await);
    Badges::new(executor.clone()).install_catalogue().await.unwrap();
    // Everybody would have it.
    let early = BadgeId::of_catalogue("early_adopter");
    executor.run::<Badge>(early, RetireBadge { at: noon() }, &Caller::system("bench")).await.unwrap();
    let stop = CancellationToken::new();
    let names = Names { stream: format!("BENCH_{}", db.name), prefix: format!("{}.events", db.name) };
    let (relaying, reading) =
        (connect(User::Relay, &names, &store).await, connect(User::Roles, &names, &store).await);
    tokio::spawn(Relay::new(store.clone(), relaying, RelayOptions::default()).run(stop.clone()));
    let feed = || bus::Feed::new(store.reader(), Some(reading.clone()));
    let watcher = Watcher::new(pool.clone());
    tokio::spawn(Runner::new(&store, feed(), watcher.clone(), RunnerOptions::default()).run(stop.clone()));
    let watching = watcher.clone();
    let running = crate::workers::start(&db, &store, executor, watcher, feed(), stop.clone()).await;
    let world = Earning { store, pool };
    let regulars = world.register(REGULARS).await;
    for user in &regulars {
        world.posts(*user, 0).await;
        world.has_first_post(*user).await;
    }
    let newcomers = world.register((RATE * SECONDS / NEW) as usize).await;
    let looking = CancellationToken::new();
    let shown = tokio::spawn(positions_of_badges(world.pool.clone(), watching, looking.clone()));
    let mut pace = tokio::time::interval(Duration::from_micros(1_000_000 / RATE));
    let mut seen = Vec::new();
    for n in 0..RATE * SECONDS {
        pace.tick().await;
        let world = world.clone();
        let newcomer = n.is_multiple_of(NEW).then(|| newcomers[(n / NEW) as usize]);
        let user = newcomer.unwrap_or(regulars[n as usize % REGULARS]);
        seen.push(tokio::spawn(async move { world.posts(user, 1 + n).await }));
    }
    futures::future::join_all(seen).await;
    for user in &newcomers {
        world.has_first_post(*user).await;
    }
    looking.cancel();
    let shown = shown.await.unwrap();
    let (mut awarded, mut visible) = (Latencies::default(), Latencies::default());
    for (position, earned_at, awarded_at) in world.first_posts(&newcomers).await {
        let at = shown[shown.partition_point(|(reached, _)| *reached < position)].1;
        awarded.add((awarded_at - earned_at).to_std().unwrap_or_default());
        visible.add((at - earned_at).to_std().unwrap_or_default());
    }
    report.row(
        "event to visible badge at 500 events a second, of which each tenth earns one, p99",
        visible.quantile(0.99),
        "ms",
        Floor::AtMost(40.0),
        &format!("{}; to the award {}", visible.summary(), awarded.summary()),
    );
    stop.cancel();
    drop(running);
}

/// How far the read model that shows badges was, and when that was seen, until it is stopped: read from its cursor
/// whenever it is said to have moved.
async fn positions_of_badges(
    pool: sqlx::PgPool,
    watcher: Watcher,
    stop: CancellationToken,
) -> Vec<(i64, DateTime<Utc>)> {
    let sql = "SELECT position FROM projections.cursors WHERE projection = 'badges'";
    let (mut position, mut seen) = (0, Vec::new());
    loop {
        let last = stop.is_cancelled();
        watcher.wait_for(&[BADGES], position + 1, Duration::from_millis(20)).await;
        position = sqlx::query_scalar(sql).fetch_one(&pool).await.unwrap();
        seen.push((position, SystemClock.now()));
        if last {
            return seen;
        }
    }
}

/// As a node has it: events come by NATS.
async fn connect(user: User, names: &Names, store: &Store) -> Bus {
    let (url, names) = (Lab::get().await.nats_url(user), names.clone());
    let cluster_key = SecretBox::new(Box::new([3; 32]));
    Bus::connect(Options { url, names, cluster_key, log: store.log_id() }).await.unwrap()
}

#[derive(Clone)]
struct Earning {
    store: Store,
    pool: sqlx::PgPool,
}

impl Earning {
    async fn register(&self, count: usize) -> Vec<UserId> {
        let mut people = Vec::with_capacity(count);
        for _ in 0..count {
            let user = new_user();
            let account = event(&registered(user, &user.to_string(), "jane@example.com"));
            self.store.submit(submission(user_stream(user), 0, vec![account])).await.unwrap();
            people.push(user);
        }
        people
    }

    /// Each on a day of its own.
    async fn posts(&self, user: UserId, n: u64) {
        let id = ActivityId::of(user, noon().date_naive() + chrono::Days::new(n));
        let stream = StreamRef { aggregate_type: "activity", id: id.uuid() };
        self.store.submit(submission(stream, 0, vec![event(&post(user, n))])).await.unwrap();
    }

    /// Positions of the awards, and when the log has the events that earned them, and them.
    async fn first_posts(&self, users: &[UserId]) -> Vec<(i64, DateTime<Utc>, DateTime<Utc>)> {
        sqlx::query_as(
            "SELECT award.position, cause.recorded_at, award.recorded_at FROM es.events award
               JOIN es.events cause ON cause.position = (award.payload->>'completed_by')::bigint
              WHERE award.event_type = 'badge_awarded' AND award.payload->>'name' = 'First Post'
                AND (award.payload->>'user')::uuid = ANY ($1)",
        )
        .bind(users.iter().map(|user| user.uuid()).collect::<Vec<_>>())
        .fetch_all(&self.pool)
        .await
        .unwrap()
    }

    /// Looks until the read model shows the badge.
    async fn has_first_post(&self, user: UserId) {
        let award = AwardId::of(user, BadgeId::of_catalogue("first_post"));
        let sql = "SELECT EXISTS (SELECT FROM p_badges.user_badges WHERE award_id = $1 AND status = 'held')";
        let since = Instant::now();
        while !sqlx::query_scalar(sql).bind(award.uuid()).fetch_one(&self.pool).await.unwrap_or(false) {
            assert!(since.elapsed() < Duration::from_secs(120), "an award is missing");
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    }
}
