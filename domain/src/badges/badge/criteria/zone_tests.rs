//! Streaks in people's own days, wherever they live and whatever their clocks do (BDG-05, C-22).

use super::*;
use crate::{
    badge::Availability,
    ids::{Subject, UserId},
    personal::Personal,
    profile::Change,
    settings::{Settings, SettingsChanges, SettingsEvent, SettingsUpdated},
};
use chrono::{DateTime, Days, NaiveDate, NaiveTime, TimeDelta, TimeZone, Utc};
use chrono_tz::{TZ_VARIANTS, Tz};
use cqrs_es::Aggregate;
use proptest::prelude::*;
use proptest::{collection, sample};
use std::collections::BTreeSet;

/// No place has left out a day since 2011.
fn day() -> impl Strategy<Value = NaiveDate> {
    (0u64..365 * 25).prop_map(|n| NaiveDate::from_ymd_opt(2012, 1, 1).unwrap() + Days::new(n))
}

fn zone() -> impl Strategy<Value = Tz> {
    sample::select(&TZ_VARIANTS[..])
}

fn second() -> impl Strategy<Value = u32> {
    0..86_400u32
}

/// When a clock there shows this; a little later, where it leaps over it; of two such times the second.
fn shown(zone: Tz, day: NaiveDate, second: u32) -> DateTime<Utc> {
    let time = day.and_time(NaiveTime::from_num_seconds_from_midnight_opt(second, 0).unwrap());
    let found = (0..13).find_map(|n| zone.from_local_datetime(&(time + TimeDelta::minutes(15 * n))).latest());
    found.unwrap().to_utc()
}

fn lives_in(settings: &mut Settings, zone: Tz, updated_at: DateTime<Utc>) {
    let user = UserId::default();
    let timezone = Some(Change::Set(Personal::new(Subject::of(user), zone.name().to_owned())));
    let changes = SettingsChanges { timezone, ..SettingsChanges::default() };
    let updated: SettingsEvent = SettingsUpdated { user, changes, updated_at }.into();
    settings.apply(updated);
}

fn long_ago() -> DateTime<Utc> {
    DateTime::from_timestamp(0, 0).unwrap()
}

/// A sign of life at each of these times.
fn comes(settings: &Settings, times: &[DateTime<Utc>]) -> Vec<Fact> {
    let what = FactKind::Did { action: Action::Login, quality: None, undone: false };
    let at = times.iter().zip(1..);
    at.map(|(at, position)| Fact { position, at: *at, day: settings.day_at(*at), what }).collect()
}

/// The first position at which there were so many days on end.
fn streak_of(days: i64, facts: &[Fact]) -> Option<u64> {
    let rule = Rule::ConsecutiveDays { action: Action::Login, days };
    let criterion = Criterion { rule, description: None };
    criterion
        .first_earned_within(facts.iter().cloned(), Availability::default())
        .map(|earned| earned.position)
}

/// The longest run, slowly.
fn longest_run(days: &BTreeSet<NaiveDate>) -> i64 {
    let begins = days.iter().filter(|day| !days.contains(&(**day - Days::new(1))));
    let run = |first: &NaiveDate| (0..).take_while(|n| days.contains(&(*first + Days::new(*n)))).count();
    begins.map(run).max().unwrap_or(0).try_into().unwrap()
}

proptest! {
    /// Also where a day has 22 hours, or 25.
    #[test]
    fn days_on_end_are_a_streak_and_one_that_is_left_out_parts_it(
        zone in zone(), first in day(), seconds in collection::vec(second(), 2..40), left_out in any::<sample::Index>(),
    ) {
        let mut settings = Settings::default();
        lives_in(&mut settings, zone, long_ago());
        let mut times: Vec<_> =
            seconds.iter().zip(0..).map(|(second, n)| shown(zone, first + Days::new(n), *second)).collect();
        let days = i64::try_from(times.len()).unwrap();

        prop_assert_eq!(streak_of(days, &comes(&settings, &times)), Some(days.unsigned_abs()));
        prop_assert_eq!(streak_of(days + 1, &comes(&settings, &times)), None);

        let before = left_out.index(times.len());
        times.remove(before);
        let longer = i64::try_from(before.max(times.len() - before)).unwrap();
        prop_assert!(streak_of(longer, &comes(&settings, &times)).is_some());
        prop_assert_eq!(streak_of(longer + 1, &comes(&settings, &times)), None);
    }

    /// 22 hours is the shortest day there is.
    #[test]
    fn whoever_is_never_away_for_22_hours_leaves_out_no_day(
        zone in zone(), first in day(), start in second(), away in collection::vec(1i64..=22 * 60, 1..60),
    ) {
        let mut settings = Settings::default();
        lives_in(&mut settings, zone, long_ago());
        let mut at = shown(zone, first, start);
        let mut times = vec![at];
        for minutes in away {
            at += TimeDelta::minutes(minutes);
            times.push(at);
        }
        let days = 1 + (settings.day_at(at) - settings.day_at(times[0])).num_days();

        prop_assert!(streak_of(days, &comes(&settings, &times)).is_some());
    }

    /// What was recorded stays as it was, and no date comes back.
    #[test]
    fn another_zone_counts_from_the_next_day_on(
        stays in collection::vec((zone(), collection::vec(1i64..40 * 60, 1..8)), 1..6), first in day(),
    ) {
        let (mut settings, mut at) = (Settings::default(), first.and_time(NaiveTime::MIN).and_utc());
        let (mut facts, mut days) = (Vec::<Fact>::new(), BTreeSet::new());
        for (zone, away) in stays {
            lives_in(&mut settings, zone, at);
            for minutes in away {
                at += TimeDelta::minutes(minutes);
                facts.extend(comes(&settings, &[at]));
                let day = settings.day_at(at);
                prop_assert!(days.last().is_none_or(|last| *last <= day), "{day} is over");
                days.insert(day);
            }
        }
        for (fact, position) in facts.iter_mut().zip(1..) {
            fact.position = position;
        }

        let longest = longest_run(&days);
        prop_assert!(streak_of(longest, &facts).is_some());
        prop_assert_eq!(streak_of(longest + 1, &facts), None);
    }
}
