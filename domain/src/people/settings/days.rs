//! Which day it is for a person: by the time zone that was chosen, and by those before it.
//!
//! Streaks, caps and windows count days, and a change of the zone would otherwise make some: whoever is in UTC+14 and then
//! in UTC-12 has three dates at one moment, and whoever missed a day goes where it is not over yet.
//! So a day ends where it began: the one on which the zone is changed ends by the zone before, and the next one begins
//! then, everywhere. It ends by the new zone: early for whoever went east, late for whoever went west.
//! A date never comes back, and all the changes that there may be gain the 26 hours between the first zone and the last,
//! once.

use crate::personal::Personal;
use chrono::{DateTime, Days, NaiveDate, TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

/// Changes that are remembered, at most one a day: a deed may be told a year late.
const MOST: usize = 400;

/// A stretch of time and its zone, whose days are told by it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Stretch {
    /// Its days begin then.
    from: DateTime<Utc>,
    /// With this one.
    first: NaiveDate,
    /// None: the default.
    zone: Option<Personal<String>>,
}

/// The zones of a person, in the order of time.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ZoneDays {
    /// Before the first stretch.
    first_zone: Option<Personal<String>>,
    stretches: Vec<Stretch>,
}

/// What cannot be read is as by default.
fn zone_of(name: Option<&Personal<String>>) -> Tz {
    name.and_then(Personal::known).and_then(|name| name.parse().ok()).unwrap_or(Tz::UTC)
}

/// When a day begins in a zone; where clocks skip midnight, as soon as there is a time again.
fn beginning(day: NaiveDate, zone: Tz) -> DateTime<Utc> {
    let midnight = day.and_time(chrono::NaiveTime::MIN);
    // No zone ever skipped more than a day at once.
    let quarters = (0..=96).filter_map(|n| midnight.checked_add_signed(TimeDelta::minutes(15 * n)));
    let found = quarters.filter_map(|local| zone.from_local_datetime(&local).earliest()).next();
    found.map_or_else(|| midnight.and_utc(), |at| at.to_utc())
}

impl ZoneDays {
    /// The day at a time, also one that is long ago.
    pub(super) fn at(&self, at: DateTime<Utc>) -> NaiveDate {
        let (stretch, zone) = self.stretch_at(at);
        let date = at.with_timezone(&zone).date_naive();
        stretch.map_or(date, |stretch| stretch.first.max(date))
    }

    fn stretch_at(&self, at: DateTime<Utc>) -> (Option<&Stretch>, Tz) {
        match self.stretches.iter().rev().find(|stretch| stretch.from <= at) {
            Some(stretch) => (Some(stretch), zone_of(stretch.zone.as_ref())),
            None => (None, zone_of(self.first_zone.as_ref())),
        }
    }

    /// The zone is changed: it counts from the next day on. Of several changes on one day the last one counts.
    pub(super) fn change(&mut self, zone: Option<Personal<String>>, at: DateTime<Utc>) {
        if let Some(waiting) = self.stretches.last_mut().filter(|stretch| stretch.from > at) {
            waiting.zone = zone;
            return;
        }
        let today = self.at(at);
        let (_, ends_by) = self.stretch_at(at);
        let Some(first) = today.checked_add_days(Days::new(1)) else { return };
        self.stretches.push(Stretch { from: beginning(first, ends_by), first, zone });
        if self.stretches.len() > MOST {
            self.first_zone = self.stretches.remove(0).zone;
        }
    }
}

#[cfg(test)]
#[path = "days_tests.rs"]
mod tests;
