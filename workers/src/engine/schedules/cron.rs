//! Cron expressions of five fields, in UTC.

use super::fields::{self, FieldFault};
use chrono::{DateTime, SubsecRound, Utc};
use croner::parser::{CronParser, Seconds, Year};
use std::{fmt, str::FromStr};

/// Longer ones are no schedule.
const MAX_BYTES: usize = 100;

/// A pattern that is due at some time: minute, hour, day of month, month, day of week. Both days given, either counts.
#[derive(Clone, Debug)]
pub struct Cron {
    text: String,
    pattern: croner::Cron,
}

/// Why a text is no such pattern.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CronError {
    #[error("five cron fields are expected, in UTC: minute, hour, day of month, month, day of week")]
    Malformed,
    #[error(transparent)]
    Misleading(#[from] FieldFault),
    #[error("no date matches this expression")]
    Never,
}

impl Cron {
    /// The first due time after this one.
    pub fn next(&self, after: DateTime<Utc>) -> Option<DateTime<Utc>> {
        self.pattern.find_next_occurrence(&after, false).ok()
    }

    /// The last due time up to this one.
    pub fn latest(&self, until: DateTime<Utc>) -> Option<DateTime<Utc>> {
        // Due times are whole minutes; the search compares whole seconds.
        self.pattern.find_previous_occurrence(&until.trunc_subsecs(0), true).ok()
    }

    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// One that was kept before: it goes on as it was understood then, even if nobody could enter it now.
    ///
    /// # Errors
    /// [`CronError::Malformed`], [`CronError::Never`].
    pub fn kept(text: &str) -> Result<Self, CronError> {
        let fields: Vec<&str> = text.split_whitespace().collect();
        if text.len() > MAX_BYTES || fields.len() != fields::COUNT {
            return Err(CronError::Malformed);
        }
        let text = fields.join(" ");
        let parser = CronParser::builder().seconds(Seconds::Disallowed).year(Year::Disallowed).build();
        let pattern = parser.parse(&text).map_err(|_| CronError::Malformed)?;
        let cron = Self { text, pattern };
        cron.next(DateTime::UNIX_EPOCH).map(|_| cron).ok_or(CronError::Never)
    }
}

/// As somebody enters it: what would be due at other times than it reads is refused.
impl FromStr for Cron {
    type Err = CronError;

    fn from_str(text: &str) -> Result<Self, CronError> {
        fields::check(text)?;
        Self::kept(text)
    }
}

impl fmt::Display for Cron {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.text.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn time(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn next(cron: &str, after: &str) -> String {
        let due = cron.parse::<Cron>().unwrap().next(time(after)).unwrap();
        due.format("%FT%TZ").to_string()
    }

    #[test]
    fn due_times_are_those_of_utc_also_where_clocks_elsewhere_are_changed() {
        assert_eq!(next("*/30 * * * *", "2026-03-29T00:59:59Z"), "2026-03-29T01:00:00Z");
        assert_eq!(next("*/30 * * * *", "2026-03-29T01:00:00Z"), "2026-03-29T01:30:00Z");
        assert_eq!(next("30 2 * * *", "2026-03-29T01:59:00Z"), "2026-03-29T02:30:00Z");
        assert_eq!(next("30 2 * * *", "2026-10-25T02:30:00Z"), "2026-10-26T02:30:00Z");
    }

    #[test]
    fn months_end_when_they_end() {
        assert_eq!(next("0 4 31 * *", "2026-01-31T04:00:00Z"), "2026-03-31T04:00:00Z");
        assert_eq!(next("0 0 29 2 *", "2026-01-01T00:00:00Z"), "2028-02-29T00:00:00Z");
        assert_eq!(next("0 4 L * *", "2026-02-01T00:00:00Z"), "2026-02-28T04:00:00Z");
        assert_eq!(next("15 0 * * *", "2026-12-31T00:15:00Z"), "2027-01-01T00:15:00Z");
    }

    #[test]
    fn latest_due_time_is_the_one_that_was_just_reached() {
        let cron: Cron = "*/30 * * * *".parse().unwrap();

        for (now, due) in [
            ("2026-01-15T12:00:00Z", "2026-01-15T12:00:00Z"),
            ("2026-01-15T12:00:00.250Z", "2026-01-15T12:00:00Z"),
            ("2026-01-15T12:29:59.999Z", "2026-01-15T12:00:00Z"),
            ("2026-01-15T12:30:00Z", "2026-01-15T12:30:00Z"),
        ] {
            assert_eq!(cron.latest(time(now)), Some(time(due)), "{now}");
        }
    }

    #[test]
    fn what_is_no_pattern_or_never_due_is_refused() {
        for bad in ["", "* * * *", "* * * * * *", "x * * * *", "@daily"] {
            assert_eq!(bad.parse::<Cron>().unwrap_err(), CronError::Malformed, "{bad}");
        }
        for bad in
            ["60 * * * *", "* 24 * * *", "*/0 * * * *", "*/90 * * * *", "0/99 * * * *", "30-10 * * * *"]
        {
            assert!(matches!(bad.parse::<Cron>(), Err(CronError::Misleading(_))), "{bad}");
        }
        assert_eq!("0 0 31 2 *".parse::<Cron>().unwrap_err(), CronError::Never);
        assert_eq!(" 0  4 * * mon ".parse::<Cron>().unwrap().as_str(), "0 4 * * mon");
    }

    #[test]
    fn pattern_that_was_kept_before_it_was_refused_goes_on() {
        assert!("*/90 * * * *".parse::<Cron>().is_err());

        let kept = Cron::kept("*/90 * * * *").unwrap();

        assert_eq!(kept.next(time("2026-01-01T00:10:00Z")), Some(time("2026-01-01T01:00:00Z")));
    }
}
