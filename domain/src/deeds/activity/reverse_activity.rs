//! An activity is undone.

use super::{Activity, ActivityError, ActivityEvent, ActivityKind, ActivityReversed};
use crate::{
    aggregate::Decide,
    ids::{DeedId, UserId},
};
use chrono::{DateTime, Utc};

/// Takes a deed back; what is taken back already stays so.
#[derive(Clone, Debug)]
pub struct ReverseActivity {
    pub deed: DeedId,
    /// Whose the deed is said to be.
    pub user: UserId,
    /// What it is said to be.
    pub kind: ActivityKind,
    pub at: DateTime<Utc>,
}

impl Decide<Activity> for ReverseActivity {
    fn decide(&self, state: &Activity) -> Result<Vec<ActivityEvent>, ActivityError> {
        let (deed, reversed) = state.known(self.deed).ok_or(ActivityError::DeedNotFound)?;
        if deed.user != self.user || deed.kind != self.kind {
            return Err(ActivityError::DeedNotFound);
        }
        if reversed {
            return Ok(Vec::new());
        }
        Ok(vec![ActivityReversed { deed: deed.clone(), reversed_at: self.at }.into()])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        activity::{ActivityRecorded, Deed},
        fixtures::*,
    };
    use cqrs_es::test::TestFramework;

    fn post() -> Deed {
        Deed {
            id: DeedId::of("service:content", "1"),
            user: jane(),
            kind: ActivityKind::PostCreate,
            day: at(0).date_naive(),
            object: None,
            target: None,
            quality: None,
            counted: true,
        }
    }

    fn reverse(kind: ActivityKind, user: UserId) -> ReverseActivity {
        ReverseActivity { deed: post().id, user, kind, at: at(9) }
    }

    #[test]
    fn deed_is_taken_back_once_and_by_its_own_name() {
        let recorded: ActivityEvent = ActivityRecorded {
            deed: post(),
            description: None,
            metadata: None,
            occurred_at: at(0),
            recorded_at: at(1),
        }
        .into();
        let reversed: ActivityEvent = ActivityReversed { deed: post(), reversed_at: at(9) }.into();
        let on = |given: &[&ActivityEvent]| {
            TestFramework::<Activity>::with(()).given(given.iter().map(|e| (*e).clone()).collect())
        };
        let take_back = reverse(ActivityKind::PostCreate, jane());

        on(&[&recorded]).when(take_back.clone().into()).then_expect_events(vec![reversed.clone()]);
        on(&[&recorded, &reversed]).when(take_back.clone().into()).then_expect_events(vec![]);
        on(&[]).when(take_back.into()).then_expect_error(ActivityError::DeedNotFound);
        for wrong in [reverse(ActivityKind::Like, jane()), reverse(ActivityKind::PostCreate, john())] {
            on(&[&recorded]).when(wrong.into()).then_expect_error(ActivityError::DeedNotFound);
        }
    }
}
