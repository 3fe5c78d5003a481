//! Days on which people are there: one event per local day, from any number of requests and nodes (C-22).

use crate::{story::stream, world::World};
use annals_tests::samples::{self, event};
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use commands::{ActiveDays, Clock, Executor, FixedClock, SystemMint};
use domain::{
    AnyEvent, Personal, Subject, UserId,
    activity::{ActiveDayRecorded, ActivityEvent},
    profile::Change,
    settings::{SettingsChanges, SettingsEvent, SettingsUpdated},
};
use std::sync::Arc;

fn time(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn day(of_month: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 1, of_month).unwrap()
}

fn node(world: &World, clock: &FixedClock) -> ActiveDays {
    ActiveDays::new(Executor::new(world.store.clone(), Arc::new(clock.clone()), Arc::new(SystemMint)))
}

async fn lives_in(world: &World, user: UserId, zone: &str, updated_at: DateTime<Utc>) {
    let timezone = Some(Change::Set(Personal::new(Subject::of(user), zone.to_owned())));
    let changes = SettingsChanges { timezone, ..SettingsChanges::default() };
    let updated: SettingsEvent = SettingsUpdated { user, changes, updated_at }.into();
    world.append(Subject::of(user), stream("settings", user), vec![event(&updated)]).await;
}

async fn recorded(world: &World) -> Vec<(NaiveDate, DateTime<Utc>)> {
    let events = world.store.reader().after(0, 1_000).await.unwrap();
    let events = events.iter().filter_map(|event| match event.decode().unwrap() {
        AnyEvent::Activity(ActivityEvent::ActiveDayRecorded(ActiveDayRecorded {
            day, recorded_at, ..
        })) => Some((day, recorded_at)),
        _ => None,
    });
    events.collect()
}

#[tokio::test]
async fn local_day_is_recorded_once_by_its_first_request_on_any_node() {
    let world = World::new().await;
    let user = samples::new_user();
    lives_in(&world, user, "Asia/Kathmandu", time("2026-01-13T12:00:00Z")).await;
    let clock = FixedClock::new(time("2026-01-15T18:14:58Z"));
    let nodes = [node(&world, &clock), node(&world, &clock)];

    for second in 0..5 {
        clock.set(time("2026-01-15T18:14:58Z") + TimeDelta::seconds(second));
        for node in &nodes {
            node.saw(user).await;
        }
    }

    let midnight = time("2026-01-15T18:15:00Z");
    assert_eq!(recorded(&world).await, [(day(15), midnight - TimeDelta::seconds(2)), (day(16), midnight)]);
}

#[tokio::test]
async fn requests_at_once_record_one_day() {
    let world = World::new().await;
    let user = samples::new_user();
    let clock = FixedClock::new(time("2026-01-15T12:00:00Z"));

    let seen = (0..16).map(|_| {
        let node = node(&world, &clock);
        tokio::spawn(async move { node.saw(user).await })
    });
    futures::future::join_all(seen.collect::<Vec<_>>()).await;

    assert_eq!(recorded(&world).await, [(day(15), clock.now())]);
}

#[tokio::test]
async fn another_time_zone_counts_from_the_next_day_on() {
    let world = World::new().await;
    let user = samples::new_user();
    let noon = time("2026-01-15T12:00:00Z");
    let clock = FixedClock::new(noon);
    let node = node(&world, &clock);
    for (zone, hours) in [("UTC", 0), ("Pacific/Kiritimati", 1), ("UTC", 2)] {
        clock.set(noon + TimeDelta::hours(hours));
        lives_in(&world, user, zone, clock.now()).await;
        node.saw(user).await;
    }
    lives_in(&world, user, "Pacific/Pago_Pago", noon + TimeDelta::hours(3)).await;
    // It is the 15th there until 11:00, and that day is over.
    for hours in [12, 20] {
        clock.set(noon + TimeDelta::hours(hours));
        node.saw(user).await;
    }

    assert_eq!(recorded(&world).await, [(day(15), noon), (day(16), noon + TimeDelta::hours(12))]);
}
