//! Badges are earned: found event by event, awarded with what earned them, and once.

use crate::rig::{Rig, at, until};
use annals_tests::samples::{deed, event, metadata, recorded};
use chrono::{Days, NaiveDate};
use commands::{Caller, Principal, Registration};
use domain::{
    ActivityId, AwardId, BadgeId, DeedId, SessionId, UserId,
    activity::{ActiveDayRecorded, ActivityEvent, ActivityKind, Deed},
    award::{Award, AwardEvent, AwardStatus},
    badge::{BadgePatch, criteria::Criterion},
    profile::Patch,
    values::{Email, Role, Username},
};
use serde_json::json;
use store::{StreamRef, StreamWrite, Submission};

fn today() -> NaiveDate {
    at(0).date_naive()
}

impl Rig {
    /// Appends what somebody did on a day; the position.
    async fn acts(&self, user: UserId, day: NaiveDate, version: i64, what: ActivityEvent) -> i64 {
        let stream = StreamRef { aggregate_type: "activity", id: ActivityId::of(user, day).uuid() };
        let writes = vec![StreamWrite::new(stream, version, vec![event(&what)])];
        let submission = Submission { writes, metadata: metadata(), ..Submission::default() };
        self.store.submit(submission).await.unwrap().position
    }

    async fn posts(&self, user: UserId, day: NaiveDate, version: i64) -> i64 {
        let id = DeedId::of("service:content", &format!("{user} {day} {version}"));
        let deed = Deed { id, kind: ActivityKind::PostCreate, target: None, object: None, ..deed(user, day) };
        self.acts(user, day, version, recorded(deed, at(version)).into()).await
    }

    /// An owner, to act as.
    pub async fn staff(&self) -> Caller {
        let form = Registration {
            username: Username::parse("olga").unwrap(),
            email: Email::parse("staff@example.com").unwrap(),
            password: "a long walk at dusk".to_owned().into(),
        };
        let made =
            self.accounts().create_account_by_operator(form, Role::Owner, &Caller::system("cli")).await;
        let session = SessionId::from_uuid(uuid::Uuid::from_u128(7));
        let principal =
            Principal::User { id: made.unwrap().user, session, role: Role::Owner, verified: true };
        Caller { principal, ..Caller::default() }
    }

    async fn award(&self, user: UserId, slug: &str) -> Award {
        let award = AwardId::of(user, BadgeId::of_catalogue(slug));
        self.store.load_fresh::<Award>(award).await.unwrap().state
    }

    async fn is_awarded(&self, user: UserId, slug: &str) {
        until(slug, async || self.award(user, slug).await.status == Some(AwardStatus::Held)).await;
    }

    /// What the log says of an award.
    async fn award_events(&self, user: UserId, slug: &str) -> Vec<AwardEvent> {
        let id = AwardId::of(user, BadgeId::of_catalogue(slug)).to_string();
        let events = self.store.reader().stream("award", &id, 0, 10).await.unwrap();
        events.iter().map(|event| serde_json::from_str(event.payload.get()).unwrap()).collect()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn first_post_earns_its_badge_with_the_post_as_evidence() {
    let rig = Rig::new().await;
    rig.badges().install_catalogue().await.unwrap();
    let (_projections, _workers) = (rig.projections(), rig.workers(&rig.no_mail()).await);
    let jane = rig.registers("jane@example.com").await.id;

    let position = rig.posts(jane, today(), 0).await;
    rig.is_awarded(jane, "first_post").await;

    let events = rig.award_events(jane, "first_post").await;
    let [AwardEvent::BadgeAwarded(awarded)] = &events[..] else { panic!("{events:?}") };
    let position = u64::try_from(position).unwrap();
    assert_eq!((awarded.completed_by, &awarded.evidence), (Some(position), &vec![position]));
    assert_eq!((awarded.earned_at, awarded.points), (at(0), 25));
    rig.is_awarded(jane, "early_adopter").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn badge_that_is_defined_later_is_earned_when_it_was() {
    let rig = Rig::new().await;
    let jane = rig.registers("jane@example.com").await.id;
    let mut last = 0;
    for n in 0..30 {
        let day = today() + Days::new(n);
        let seen = ActiveDayRecorded { user: jane, day, recorded_at: at(i64::try_from(n).unwrap()) };
        last = rig.acts(jane, day, 0, seen.into()).await;
    }
    // What happens afterwards makes it no later.
    rig.acts(
        jane,
        today() + Days::new(30),
        0,
        ActiveDayRecorded { user: jane, day: today() + Days::new(30), recorded_at: at(99) }.into(),
    )
    .await;
    let (_projections, _workers) = (rig.projections(), rig.workers(&rig.no_mail()).await);

    rig.clock.set(at(10_000));
    rig.badges().install_catalogue().await.unwrap();

    rig.is_awarded(jane, "daily_visitor").await;
    let events = rig.award_events(jane, "daily_visitor").await;
    let [AwardEvent::BadgeAwarded(awarded)] = &events[..] else { panic!("{events:?}") };
    assert_eq!(awarded.completed_by, u64::try_from(last).ok());
    assert_eq!((awarded.evidence.len(), awarded.evidence_total), (30, 30));
    assert!(awarded.earned_at < awarded.defined_at, "{awarded:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_workers_and_repeated_jobs_award_once_and_nothing_earlier() {
    let rig = Rig::new().await;
    rig.badges().install_catalogue().await.unwrap();
    let jane = rig.registers("jane@example.com").await.id;
    let john = rig.registers("john@example.com").await.id;
    for n in 0..3 {
        let _workers = rig.workers(&rig.no_mail()).await;
        let _projections = rig.projections();
        rig.posts(jane, today(), n).await;
    }
    let (_projections, _workers) = (rig.projections(), rig.workers(&rig.no_mail()).await);
    rig.is_awarded(jane, "first_post").await;
    // Everything that was asked for is asked for once more.
    sqlx::query("DELETE FROM workers.jobs").execute(&rig.pool).await.unwrap();
    sqlx::query("UPDATE workers.reactors SET position = 0").execute(&rig.pool).await.unwrap();
    drop((_projections, _workers));
    let (_projections, _workers) = (rig.projections(), rig.workers(&rig.no_mail()).await);
    until("all is done again", async || {
        let rows = rig.rows().await;
        !rows.is_empty() && rows.iter().all(|row| row.state == "done")
    })
    .await;

    assert_eq!(rig.award_events(jane, "first_post").await.len(), 1);
    assert!(rig.award_events(john, "first_post").await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn redefinition_is_evaluated_over_all_of_history_and_a_revocation_holds() {
    let rig = Rig::new().await;
    rig.badges().install_catalogue().await.unwrap();
    let (jane, john) =
        (rig.registers("jane@example.com").await.id, rig.registers("john@example.com").await.id);
    let (_projections, _workers) = (rig.projections(), rig.workers(&rig.no_mail()).await);
    for n in 0..2 {
        rig.posts(jane, today(), n).await;
        rig.posts(john, today(), n).await;
    }
    rig.is_awarded(jane, "first_post").await;
    rig.is_awarded(john, "first_post").await;
    assert!(rig.award(jane, "expert_reviewer").await.status.is_none());
    let staff = rig.staff().await;
    let badge = BadgeId::of_catalogue("expert_reviewer");
    rig.badges().award(crate::badges::gift(badge, john), &Caller::system("test")).await.unwrap();
    let reason = domain::values::RevocationReason::parse("bought").unwrap();
    rig.badges().revoke(AwardId::of(john, badge), reason, &staff).await.unwrap();

    let criterion = json!({ "type": "counter", "field": "posts_count", "threshold": 2 });
    let criteria = Patch::Set(Criterion::parse(&criterion).unwrap());
    let patch = BadgePatch { criteria, ..BadgePatch::default() };
    rig.badges().revise(badge, patch, None, None, &staff).await.unwrap();

    rig.is_awarded(jane, "expert_reviewer").await;
    until("the other is asked about", async || {
        rig.rows().await.iter().filter(|row| row.kind == "evaluate_badge" && row.state == "done").count() > 13
    })
    .await;
    assert_eq!(rig.award(john, "expert_reviewer").await.status, Some(AwardStatus::Revoked));
}

#[tokio::test(flavor = "multi_thread")]
async fn sweep_awards_what_was_missed_and_says_so() {
    let rig = Rig::new().await;
    rig.badges().install_catalogue().await.unwrap();
    let jane = rig.registers("jane@example.com").await.id;
    rig.posts(jane, today(), 0).await;
    // Nobody follows what is eligible or defined.
    let sql = "INSERT INTO workers.reactors SELECT name, 1000000 FROM unnest(ARRAY['award_badges', 'evaluate_badges'])
        AS names (name) ON CONFLICT (name) DO UPDATE SET position = 1000000";
    sqlx::query(sql).execute(&rig.pool).await.unwrap();
    let (_projections, _workers) = (rig.projections(), rig.workers(&rig.no_mail()).await);
    let sweep = async |n: usize| {
        let sql = "INSERT INTO workers.jobs (id, kind, reactor, source, position, target, payload, next_at)
            VALUES (gen_random_uuid(), 'evaluate_user_badges', 'test', $1, 0, 'all', '{}', clock_timestamp())";
        sqlx::query(sql).bind(n.to_string()).execute(&rig.pool).await.unwrap();
        // What is awarded also calls for letters.
        let sweeps = async || {
            let mut jobs = rig.rows().await;
            jobs.retain(|job| job.kind == "evaluate_user_badges");
            jobs
        };
        until("the sweeps end", async || {
            sweeps().await.iter().filter(|job| job.state == "done").count() == n
        })
        .await;
        let mut outcomes: Vec<_> =
            sweeps().await.into_iter().map(|job| job.outcome.unwrap_or_default()).collect();
        outcomes.sort();
        outcomes
    };

    assert_eq!(sweep(1).await, ["awarded-what-was-missed"]);
    assert_eq!(sweep(2).await, ["awarded-what-was-missed", "equal"]);
    assert_eq!(rig.award(jane, "first_post").await.status, Some(AwardStatus::Held));
}
