//! What is due by the clock runs once per cluster, late if it must, and as staff last said (C-35, ADM-05, TSK-01).

use crate::rig::{Rig, at, until};
use annals_tests::samples::noon;
use chrono::Days;
use domain::{AnyEvent, calendar::DayClosed};
use sqlx::Row;
use std::sync::Arc;
use tokio::sync::Notify;
use tokio_util::{sync::CancellationToken, task::AbortOnDropHandle};
use workers::schedules::{Change, Scheduler, Schedules, Task};

/// Of a kind that nobody does: its runs stay queued.
const TASKS: &[Task] = &[Task { name: "a-task", kind: "nobodys", cron: "*/30 * * * *" }];
const HALF_HOUR: i64 = 1_800;

impl Rig {
    fn schedules(&self) -> Schedules {
        Schedules::new(self.pool.clone())
    }

    /// A scheduler that ends when the value is dropped.
    fn scheduler(&self) -> AbortOnDropHandle<()> {
        let clock = Arc::new(self.clock.clone());
        let scheduler = Scheduler::new(self.schedules(), clock, TASKS, Arc::new(Notify::new()));
        AbortOnDropHandle::new(tokio::spawn(scheduler.run(CancellationToken::new())))
    }

    /// When the runs of the task were due, in the order in which they were queued.
    async fn runs(&self) -> Vec<String> {
        let sql = "SELECT source FROM workers.jobs WHERE reactor = 'schedules' AND target = 'a-task' ORDER BY created_at";
        let rows = sqlx::query(sql).fetch_all(&self.pool).await.unwrap();
        rows.iter().map(|row| row.get("source")).collect()
    }

    async fn is_run_at(&self, seconds: i64, number: usize) {
        until("the run is queued", async || self.runs().await.len() == number).await;
        assert_eq!(self.runs().await.last(), Some(&at(seconds).to_rfc3339()));
    }

    /// Asks for a run, waits for its end, and tells it.
    pub async fn asks_for(&self, name: &str, seconds: i64) -> String {
        let schedules = self.schedules();
        until("the run is queued", async || schedules.run(name, at(seconds)).await.unwrap().is_some()).await;
        let outcome = async || schedules.find(name).await.unwrap().unwrap().last_outcome.unwrap();
        until("the run ends", async || !["queued", "running"].contains(&outcome().await.as_str())).await;
        outcome().await
    }

    async fn finishes_the_run(&self) {
        let sql =
            "UPDATE workers.jobs SET state = 'done', outcome = 'equal', finished_at = clock_timestamp()";
        sqlx::query(sql).execute(&self.pool).await.unwrap();
    }

    async fn is_seeded(&self) {
        until("the schedule is there", async || self.schedules().find("a-task").await.unwrap().is_some())
            .await;
    }

    /// Waits until schedulers have looked at a schedule of which it is known that it is due.
    async fn has_been_looked_at(&self) {
        let sql = "INSERT INTO workers.schedules (name, task, cron, enabled, since)
                   VALUES ('b-task', 'nobodys', '* * * * *', true, $1)";
        sqlx::query(sql).bind(noon() - chrono::TimeDelta::days(1)).execute(&self.pool).await.unwrap();
        until("a later look", async || {
            self.schedules().find("b-task").await.unwrap().is_some_and(|schedule| schedule.last_run.is_some())
        })
        .await;
    }
}

#[tokio::test]
async fn racing_schedulers_queue_each_run_once() {
    let rig = Rig::new().await;
    let _schedulers: Vec<_> = (0..4).map(|_| rig.scheduler()).collect();
    rig.is_seeded().await;
    assert_eq!(rig.runs().await, Vec::<String>::new());

    for n in 1..=5 {
        rig.clock.set(at(n * HALF_HOUR));
        rig.is_run_at(n * HALF_HOUR, usize::try_from(n).unwrap()).await;
        rig.finishes_the_run().await;
    }

    let schedule = rig.schedules().find("a-task").await.unwrap().unwrap();
    assert_eq!((schedule.last_run, schedule.next_run), (Some(at(5 * HALF_HOUR)), Some(at(6 * HALF_HOUR))));
    assert_eq!(schedule.last_outcome.as_deref(), Some("equal"));
}

#[tokio::test]
async fn missed_runs_are_one_run_that_is_late() {
    let rig = Rig::new().await;
    let scheduler = rig.scheduler();
    rig.is_seeded().await;
    drop(scheduler);

    rig.clock.set(at(10 * HALF_HOUR + 60));
    let _scheduler = rig.scheduler();

    rig.is_run_at(10 * HALF_HOUR, 1).await;
    rig.has_been_looked_at().await;
    assert_eq!(rig.runs().await.len(), 1);
}

#[tokio::test]
async fn no_run_begins_before_the_last_one_is_finished() {
    let rig = Rig::new().await;
    let _scheduler = rig.scheduler();
    rig.is_seeded().await;
    rig.clock.set(at(HALF_HOUR));
    rig.is_run_at(HALF_HOUR, 1).await;

    rig.clock.set(at(2 * HALF_HOUR));
    rig.has_been_looked_at().await;
    assert_eq!(rig.runs().await.len(), 1);
    let last = rig.schedules().run("a-task", at(2 * HALF_HOUR)).await.unwrap();
    assert_eq!(last, rig.schedules().run("a-task", at(3 * HALF_HOUR)).await.unwrap());
    assert_eq!(rig.runs().await.len(), 1);

    rig.finishes_the_run().await;
    rig.is_run_at(2 * HALF_HOUR, 2).await;
}

#[tokio::test]
async fn what_is_not_enabled_is_not_run_nor_made_up_for_but_can_be_asked_for() {
    let rig = Rig::new().await;
    let _scheduler = rig.scheduler();
    rig.is_seeded().await;
    let enable = async |enabled: bool, now| {
        let change = Change { enabled: Some(enabled), cron: None };
        rig.schedules().change("a-task", &change, at(now)).await.unwrap().unwrap()
    };

    assert_eq!(enable(false, 1).await.next_run, None);
    rig.clock.set(at(3 * HALF_HOUR + 60));
    rig.has_been_looked_at().await;
    assert_eq!(rig.runs().await.len(), 0);

    assert!(rig.schedules().run("a-task", at(3 * HALF_HOUR + 61)).await.unwrap().is_some());
    assert_eq!(rig.runs().await.len(), 1);
    rig.finishes_the_run().await;
    assert_eq!(enable(true, 3 * HALF_HOUR + 62).await.next_run, Some(at(4 * HALF_HOUR)));
    rig.clock.set(at(4 * HALF_HOUR));
    rig.is_run_at(4 * HALF_HOUR, 2).await;
    assert!(rig.schedules().run("no-task", at(1)).await.unwrap().is_none());
}

#[tokio::test]
async fn edit_counts_at_once_and_from_then_on() {
    let rig = Rig::new().await;
    let _scheduler = rig.scheduler();
    rig.is_seeded().await;
    let hourly = Change { cron: Some("10 * * * *".parse().unwrap()), enabled: None };

    rig.clock.set(at(HALF_HOUR - 60));
    let changed = rig.schedules().change("a-task", &hourly, at(HALF_HOUR - 60)).await.unwrap().unwrap();
    assert_eq!((changed.cron.as_str(), changed.next_run), ("10 * * * *", Some(at(3_600 + 600))));
    rig.clock.set(at(3_600));
    rig.has_been_looked_at().await;
    assert_eq!(rig.runs().await.len(), 0);

    rig.clock.set(at(3_600 + 600));
    rig.is_run_at(3_600 + 600, 1).await;
}

#[tokio::test]
async fn sessions_whose_time_is_over_are_put_down_as_expired_once_and_others_stay() {
    let rig = Rig::new().await;
    let _projections = rig.projections();
    let mailer = rig.no_mail();
    let _workers = rig.workers(&mailer).await;
    let person = rig.registers("jane@example.com").await;
    for (n, (refresh, end)) in [(60, 900), (900, 60), (900, 900)].into_iter().enumerate() {
        rig.starts_a_session(&person, u128::try_from(n).unwrap() + 1, at(refresh), at(end)).await;
    }
    let head = rig.store.reader().head().await.unwrap();
    until("the read model has the sessions", async || {
        let sql = "SELECT count(*) FROM p_sessions.sessions";
        sqlx::query_scalar::<_, i64>(sql).fetch_one(&rig.pool).await.is_ok_and(|count| count == 3)
    })
    .await;
    rig.clock.set(at(60));

    for run in 1..=2 {
        assert_eq!(rig.asks_for("cleanup-expired-sessions", 60 + run).await, "cleaned");
    }

    let recorded = rig.store.reader().after(head, 100).await.unwrap();
    let ended: Vec<_> =
        recorded.iter().map(|event| (event.aggregate_id.as_str(), &*event.event_type)).collect();
    let expected = [1, 2].map(|n| uuid::Uuid::from_u128(n).to_string());
    assert_eq!(ended, [(&*expected[0], "session_expired"), (&*expected[1], "session_expired")]);
}

#[tokio::test]
async fn yesterday_is_closed_once() {
    let rig = Rig::new().await;
    let mailer = rig.no_mail();
    let _workers = rig.workers(&mailer).await;
    let head = rig.store.reader().head().await.unwrap();

    assert_eq!(rig.asks_for("update-user-engagement-scores", 1).await, "closed");
    assert_eq!(rig.asks_for("update-user-engagement-scores", 2).await, "was-closed");
    rig.clock.set(at(3 * 86_400));
    assert_eq!(rig.asks_for("update-user-engagement-scores", 3).await, "closed");

    let closed = rig.store.reader().after(head, 100).await.unwrap();
    let days: Vec<_> = closed.iter().map(|event| event.decode().unwrap()).collect();
    let yesterday = noon().date_naive().pred_opt().unwrap();
    let closed =
        |days, at| AnyEvent::Calendar(DayClosed { day: yesterday + Days::new(days), closed_at: at }.into());
    assert_eq!(days, [closed(0, at(0)), closed(3, at(3 * 86_400))]);
}

#[tokio::test]
async fn recount_finds_a_counter_that_is_wrong_and_the_log_puts_it_right() {
    let rig = Rig::new().await;
    let _projections = rig.projections();
    let mailer = rig.no_mail();
    let _workers = rig.workers(&mailer).await;
    until("the read model is made", async || {
        sqlx::query("SELECT FROM p_social_graph.follow_counts").fetch_all(&rig.pool).await.is_ok()
    })
    .await;
    assert_eq!(rig.asks_for("update-user-counters", 1).await, "equal");

    let person = rig.registers("jane@example.com").await.id;
    until("the read model knows the person", async || {
        // A post that is taken back before it is told counts for nothing, and not for one less.
        let sql = "INSERT INTO p_badge_progress.badge_facts
                   SELECT user_id, 1000, 0, now(), now()::date, 'did', 'post_create', true, NULL, NULL, 0
                     FROM p_badge_progress.badge_tallies WHERE user_id = $1";
        sqlx::query(sql).bind(person.uuid()).execute(&rig.pool).await.unwrap().rows_affected() == 1
    })
    .await;
    assert_eq!(rig.asks_for("update-user-counters", 2).await, "equal");
    let sql = "UPDATE p_badge_progress.badge_tallies SET posts_count = 7 WHERE user_id = $1";
    sqlx::query(sql).bind(person.uuid()).execute(&rig.pool).await.unwrap();
    let sql = "INSERT INTO p_social_graph.follow_counts VALUES ($1, 1, 0)";
    sqlx::query(sql).bind(person.uuid()).execute(&rig.pool).await.unwrap();

    assert_eq!(rig.asks_for("update-user-counters", 3).await, "repaired");

    let sql = "SELECT (SELECT posts_count FROM p_badge_progress.badge_tallies WHERE user_id = $1),
                      (SELECT count(*) FROM p_social_graph.follow_counts)";
    let counters: (i64, i64) = sqlx::query_as(sql).bind(person.uuid()).fetch_one(&rig.pool).await.unwrap();
    assert_eq!(counters, (0, 0));
    assert_eq!(rig.asks_for("update-user-counters", 4).await, "equal");

    // Who is away is taken off the counts by a mark on the award, as on a follow: a wrong one is found, too.
    let sql = "INSERT INTO p_badges.user_badges (award_id, user_id, badge_id, status, ordinal, criteria_version, points,
                   awarded_by, earned_at, awarded_at, evidence_total, version, gone_until)
               SELECT $1, $1, $1, 'held', 1, 1, 10, 'admin', now(), now(), 0, 1, now()";
    sqlx::query(sql).bind(person.uuid()).execute(&rig.pool).await.unwrap();
    let sql = "INSERT INTO p_badges.badge_totals VALUES ($1, 1, 10)";
    sqlx::query(sql).bind(person.uuid()).execute(&rig.pool).await.unwrap();
    assert_eq!(rig.asks_for("update-user-counters", 5).await, "repaired");
    let sql = "INSERT INTO p_social_graph.follows
               SELECT $1, $1, gen_random_uuid(), 'accepted', false, now(), now(), now(), NULL";
    sqlx::query(sql).bind(person.uuid()).execute(&rig.pool).await.unwrap();
    assert_eq!(rig.asks_for("update-user-counters", 6).await, "repaired");
    assert_eq!(rig.asks_for("update-user-counters", 7).await, "equal");
}
