//! A day of activity is recorded.

use super::{ActiveDayRecorded, Activity, ActivityError, ActivityEvent};
use crate::{aggregate::Decide, ids::UserId};
use chrono::{DateTime, NaiveDate, Utc};

/// Records that a person was there on this day of theirs; more than once is once.
#[derive(Clone, Debug)]
pub struct RecordActiveDay {
    pub user: UserId,
    pub day: NaiveDate,
    pub at: DateTime<Utc>,
}

impl Decide<Activity> for RecordActiveDay {
    fn decide(&self, state: &Activity) -> Result<Vec<ActivityEvent>, ActivityError> {
        if state.active {
            return Ok(Vec::new());
        }
        let Self { user, day, at: recorded_at } = *self;
        Ok(vec![ActiveDayRecorded { user, day, recorded_at }.into()])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::*;
    use cqrs_es::test::TestFramework;

    fn seen(second: i64) -> RecordActiveDay {
        RecordActiveDay { user: jane(), day: at(0).date_naive(), at: at(second) }
    }

    #[test]
    fn day_is_recorded_once_by_its_first_sign_of_life() {
        let recorded: ActivityEvent =
            ActiveDayRecorded { user: jane(), day: at(0).date_naive(), recorded_at: at(1) }.into();
        TestFramework::<Activity>::with(())
            .given_no_previous_events()
            .when(seen(1).into())
            .then_expect_events(vec![recorded.clone()]);
        TestFramework::<Activity>::with(())
            .given(vec![recorded])
            .when(seen(2).into())
            .then_expect_events(vec![]);
    }
}
