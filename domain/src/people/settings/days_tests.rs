//! Days of people who travel, and of people who only say so.

use super::*;
use crate::{fixtures::jane, ids::Subject};
use proptest::prelude::*;
use std::collections::BTreeSet;

fn zone(name: &str) -> Option<Personal<String>> {
    Some(Personal::new(Subject::of(jane()), name.to_owned()))
}

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn moved(changes: &[(&str, &str)]) -> ZoneDays {
    let mut days = ZoneDays::default();
    for (when, to) in changes {
        days.change(zone(to), at(when));
    }
    days
}

#[test]
fn new_zone_counts_from_the_next_day_on() {
    let east = moved(&[("2026-03-01T12:00:00Z", "Asia/Tokyo")]);
    for (when, expected) in [
        ("2026-02-20T20:00:00Z", "2026-02-20"),
        ("2026-03-01T23:59:59Z", "2026-03-01"),
        ("2026-03-02T00:00:00Z", "2026-03-02"),
        ("2026-03-02T14:59:59Z", "2026-03-02"),
        ("2026-03-02T15:00:00Z", "2026-03-03"),
    ] {
        assert_eq!(east.at(at(when)), day(expected), "{when}");
    }
    let west = moved(&[("2026-03-01T12:00:00Z", "America/Los_Angeles")]);
    for (when, expected) in [
        ("2026-03-01T23:59:59Z", "2026-03-01"),
        // It is still yesterday there, and that day is over.
        ("2026-03-02T00:00:00Z", "2026-03-02"),
        ("2026-03-03T07:59:59Z", "2026-03-02"),
        ("2026-03-03T08:00:00Z", "2026-03-03"),
    ] {
        assert_eq!(west.at(at(when)), day(expected), "{when}");
    }
}

#[test]
fn day_that_was_missed_is_not_to_be_had_elsewhere() {
    let late = at("2026-03-01T23:50:00Z");
    for name in ["Etc/GMT+12", "Pacific/Kiritimati", "America/New_York", "Asia/Kolkata"] {
        let days = moved(&[("2026-03-01T23:50:00Z", name)]);
        assert_eq!(days.at(late), day("2026-03-01"));
        for minutes in (10..4_000).step_by(5) {
            assert!(
                days.at(late + TimeDelta::minutes(minutes)) > day("2026-03-01"),
                "{name}, {minutes} min later"
            );
        }
    }
}

#[test]
fn of_several_changes_on_one_day_the_last_one_counts() {
    let days = moved(&[
        ("2026-03-01T08:00:00Z", "Asia/Tokyo"),
        ("2026-03-01T09:00:00Z", "Etc/GMT+12"),
        ("2026-03-01T10:00:00Z", "Europe/Berlin"),
    ]);

    assert_eq!(days.stretches.len(), 1);
    assert_eq!(days.at(at("2026-03-02T22:59:59Z")), day("2026-03-02"));
    assert_eq!(days.at(at("2026-03-02T23:00:00Z")), day("2026-03-03"));
}

#[test]
fn midnight_that_clocks_skip_is_the_next_time_that_there_is() {
    // Beirut went from 00:00 to 01:00.
    assert_eq!(beginning(day("2022-03-27"), Tz::Asia__Beirut), at("2022-03-26T22:00:00Z"));
    // Samoa skipped the 30th whole.
    assert_eq!(beginning(day("2011-12-30"), Tz::Pacific__Apia), at("2011-12-30T10:00:00Z"));
}

#[test]
fn what_is_remembered_is_bounded() {
    let mut days = ZoneDays::default();
    let start = at("2024-01-01T12:00:00Z");
    for n in 0..900 {
        let name = ["Asia/Tokyo", "Europe/Berlin"][usize::try_from(n % 2).unwrap()];
        days.change(zone(name), start + TimeDelta::days(n));
    }

    assert_eq!(days.stretches.len(), MOST);
    assert_eq!(days.at(start + TimeDelta::days(899)), day("2026-06-18"));
}

const ZONES: [&str; 8] = [
    "UTC",
    "Etc/GMT+12",
    "Pacific/Kiritimati",
    "America/Los_Angeles",
    "Asia/Kathmandu",
    "Pacific/Apia",
    "Europe/Lisbon",
    "Australia/Lord_Howe",
];

proptest! {
    /// Whoever changes the zone as often and as cleverly as they like gets the 26 hours between the first zone and the
    /// last, once, and no date twice.
    #[test]
    fn no_travelling_fills_a_streak(
        moves in proptest::collection::vec((0..3_000_i64, 0..ZONES.len(), any::<bool>()), 1..60)
    ) {
        let start = at("2026-03-20T05:00:00Z");
        let (mut now, mut days) = (start, ZoneDays::default());
        let mut acts: Vec<(DateTime<Utc>, NaiveDate)> = Vec::new();
        for (minutes, to, acts_before) in moves {
            // They act whenever a day has just begun or is about to end, which is when most is to be had.
            let then = now + TimeDelta::minutes(minutes);
            while now < then {
                acts.push((now, days.at(now)));
                now += TimeDelta::minutes(if acts_before { 7 } else { 61 });
            }
            days.change(zone(ZONES[to]), now);
        }
        acts.push((now, days.at(now)));

        for pair in acts.windows(2) {
            prop_assert!(pair[0].1 <= pair[1].1, "a date comes back: {pair:?}");
        }
        for first in (0..acts.len()).step_by(37) {
            let mut distinct = BTreeSet::new();
            for (when, day) in &acts[first..] {
                distinct.insert(*day);
                let elapsed = *when - acts[first].0;
                let seconds = (elapsed + TimeDelta::hours(26)).num_seconds();
                let begun = seconds.div_euclid(86_400) + i64::from(seconds % 86_400 > 0);
                let had = i64::try_from(distinct.len()).unwrap();
                prop_assert!(had <= begun + 1, "{had} days within {elapsed}");
            }
        }
        // What was told then is told the same of later, too.
        for (when, day) in acts {
            prop_assert_eq!(days.at(when), day);
        }
    }
}
