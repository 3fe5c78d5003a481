//! A day is over.

use super::{Calendar, CalendarError, CalendarEvent, DayClosed};
use crate::aggregate::Decide;
use chrono::{DateTime, NaiveDate, Utc};

/// Closes a day of UTC, and with it all before it that are still open. One that is closed stays so.
#[derive(Clone, Debug)]
pub struct CloseDay {
    pub day: NaiveDate,
    pub at: DateTime<Utc>,
}

impl Decide<Calendar> for CloseDay {
    fn decide(&self, state: &Calendar) -> Result<Vec<CalendarEvent>, CalendarError> {
        let Self { day, at: closed_at } = *self;
        if closed_at.date_naive() <= day {
            return Err(CalendarError::NotOver);
        }
        if state.closed.is_some_and(|closed| closed >= day) {
            return Ok(Vec::new());
        }
        Ok(vec![DayClosed { day, closed_at }.into()])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::*;
    use cqrs_es::test::TestFramework;

    fn day(n: i64) -> NaiveDate {
        at(0).date_naive() + chrono::TimeDelta::days(n)
    }

    /// At the first moment of the day after.
    fn close(n: i64) -> CloseDay {
        CloseDay { day: day(n), at: day(n + 1).and_time(chrono::NaiveTime::MIN).and_utc() }
    }

    fn closed(n: i64) -> CalendarEvent {
        DayClosed { day: day(n), closed_at: close(n).at }.into()
    }

    #[test]
    fn day_is_closed_once_and_those_before_it_with_it() {
        TestFramework::<Calendar>::with(())
            .given_no_previous_events()
            .when(close(0).into())
            .then_expect_events(vec![closed(0)]);
        TestFramework::<Calendar>::with(())
            .given(vec![closed(0)])
            .when(close(3).into())
            .then_expect_events(vec![closed(3)]);
        for earlier in [0, 2, 3] {
            TestFramework::<Calendar>::with(())
                .given(vec![closed(3)])
                .when(close(earlier).into())
                .then_expect_events(vec![]);
        }
    }

    #[test]
    fn day_that_is_not_over_stays_open() {
        let at = close(0).at - chrono::TimeDelta::nanoseconds(1);
        TestFramework::<Calendar>::with(())
            .given_no_previous_events()
            .when(CloseDay { day: day(0), at }.into())
            .then_expect_error(CalendarError::NotOver);
    }
}
