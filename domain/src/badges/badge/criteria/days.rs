//! Counts by day, for as long as days are told apart.

use chrono::{Datelike, NaiveDate};
use serde::{Deserialize, Serialize};

/// Days that are told apart, the latest included: a leap year, the longest streak and window that can be asked for.
pub const KEPT_DAYS: u16 = 366;

/// Deeds by day, less those taken back; all in all, and by day for the last [`KEPT_DAYS`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Counts {
    #[serde(rename = "n")]
    total: i64,
    /// The day of the first of `days`, as days since 0000-12-31.
    #[serde(rename = "d", default, skip_serializing_if = "is_zero")]
    first: i32,
    /// One day after the other; neither the first nor the last is 0.
    #[serde(rename = "c", default, skip_serializing_if = "Vec::is_empty")]
    days: Vec<i32>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the signature that serde asks for")]
const fn is_zero(n: &i32) -> bool {
    *n == 0
}

fn number(day: NaiveDate) -> i32 {
    day.num_days_from_ce()
}

impl Counts {
    /// Never below 0: what is taken back before it is told counts once it is told.
    pub fn total(&self) -> i64 {
        self.total.max(0)
    }

    /// On a day that is not kept any more only the total changes.
    pub fn add(&mut self, day: NaiveDate, as_of: NaiveDate, delta: i32) {
        self.total += i64::from(delta);
        let day = number(day);
        if day < oldest(as_of, KEPT_DAYS) {
            return;
        }
        if self.days.is_empty() {
            self.first = day;
        }
        if day < self.first {
            let missing = usize::try_from(self.first - day).unwrap_or(0);
            self.days.splice(0..0, std::iter::repeat_n(0, missing));
            self.first = day;
        }
        let at = usize::try_from(day - self.first).unwrap_or(0);
        if at >= self.days.len() {
            self.days.resize(at + 1, 0);
        }
        if let Some(count) = self.days.get_mut(at) {
            *count += delta;
        }
        self.trim();
    }

    /// Forgets the days that are too long ago.
    pub fn forget(&mut self, as_of: NaiveDate) {
        let past = oldest(as_of, KEPT_DAYS).saturating_sub(self.first).max(0);
        let past = usize::try_from(past).unwrap_or(0).min(self.days.len());
        self.days.drain(..past);
        self.first += i32::try_from(past).unwrap_or(0);
        self.trim();
    }

    fn trim(&mut self) {
        while self.days.last() == Some(&0) {
            self.days.pop();
        }
        let zeros = self.days.iter().take_while(|count| **count == 0).count();
        self.days.drain(..zeros);
        self.first = if self.days.is_empty() { 0 } else { self.first + i32::try_from(zeros).unwrap_or(0) };
    }

    /// In the window of so many days that ends with `as_of`.
    pub fn within(&self, as_of: NaiveDate, days: u16) -> i64 {
        self.window(as_of, days).map(|(_, count)| i64::from(count)).sum::<i64>().max(0)
    }

    /// Days of the window on which something counts.
    pub fn days_within(&self, as_of: NaiveDate, days: u16) -> i64 {
        let counted = self.window(as_of, days).filter(|(_, count)| *count > 0).count();
        i64::try_from(counted).unwrap_or(i64::MAX)
    }

    /// The longest run of days on which something counts.
    pub fn longest_run(&self) -> i64 {
        let mut longest = 0;
        let mut run = 0;
        for count in &self.days {
            run = if *count > 0 { run + 1 } else { 0 };
            longest = longest.max(run);
        }
        longest
    }

    /// The run that can still grow: it ends on `as_of` or on the day before.
    pub fn live_run(&self, as_of: NaiveDate) -> i64 {
        let idle = self.days.iter().rev().take_while(|count| **count <= 0).count();
        let end = self.first + i32::try_from(self.days.len() - idle).unwrap_or(0) - 1;
        if number(as_of) - end > 1 {
            return 0;
        }
        let run = self.days.iter().rev().skip(idle).take_while(|count| **count > 0).count();
        i64::try_from(run).unwrap_or(i64::MAX)
    }

    fn window(&self, as_of: NaiveDate, days: u16) -> impl Iterator<Item = (i32, i32)> {
        let (first, last) = (oldest(as_of, days), number(as_of));
        (self.first..).zip(self.days.iter().copied()).filter(move |(day, _)| (first..=last).contains(day))
    }
}

/// The first day of a window of so many days.
fn oldest(as_of: NaiveDate, days: u16) -> i32 {
    number(as_of) - i32::from(days) + 1
}

/// Whether the day lies in the window of so many days that ends with `as_of`.
pub(super) fn is_within(day: NaiveDate, as_of: NaiveDate, days: u16) -> bool {
    (oldest(as_of, days)..=number(as_of)).contains(&number(day))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(n: i32) -> NaiveDate {
        NaiveDate::from_num_days_from_ce_opt(739_000 + n).unwrap()
    }

    fn counted(days: &[i32]) -> Counts {
        let mut counts = Counts::default();
        for n in days {
            counts.add(day(*n), day(400), 1);
        }
        counts
    }

    #[test]
    fn order_of_days_makes_no_difference() {
        assert_eq!(counted(&[100, 102, 101, 102]), counted(&[102, 101, 102, 100]));
        assert_eq!(counted(&[100, 102, 101]).longest_run(), 3);
    }

    #[test]
    fn day_that_is_taken_back_is_as_if_it_never_was() {
        let mut counts = counted(&[100, 101, 105]);
        counts.add(day(105), day(400), -1);

        assert_eq!(counts, counted(&[100, 101]));
        counts.add(day(100), day(400), -1);
        counts.add(day(101), day(400), -1);
        assert_eq!(counts, Counts::default());
    }

    #[test]
    fn days_longer_ago_than_a_leap_year_count_in_total_only() {
        let mut counts = counted(&[34, 35, 36]);
        assert_eq!((counts.total(), counts.longest_run()), (3, 2), "34 is 366 days before 400");

        counts.forget(day(401));

        assert_eq!((counts.total(), counts.longest_run()), (3, 1));
    }

    #[test]
    fn window_ends_with_the_latest_day() {
        let counts = counted(&[371, 372, 399, 400]);

        assert_eq!(counts.within(day(400), 1), 1);
        assert_eq!(counts.within(day(400), 29), 3);
        assert_eq!(counts.within(day(400), 30), 4);
        assert_eq!(counts.days_within(day(402), 7), 2);
    }

    #[test]
    fn run_is_live_until_a_day_has_passed_without() {
        let counts = counted(&[397, 398]);

        assert_eq!(counts.live_run(day(398)), 2);
        assert_eq!(counts.live_run(day(399)), 2);
        assert_eq!(counts.live_run(day(400)), 0);
    }
}
