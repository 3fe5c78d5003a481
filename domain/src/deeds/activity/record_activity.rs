//! An activity is recorded.

use super::{Activity, ActivityError, ActivityEvent, ActivityKind, ActivityRecorded, Deed};
use crate::{
    aggregate::Decide,
    badge::criteria::Quality,
    ids::{DeedId, ObjectId, UserId},
    personal::Personal,
};
use chrono::{DateTime, NaiveDate, Utc};
use serde_json::{Map, Value};

/// Records a deed once, however often it is sent. Beyond the caps of its kind it is recorded and does not count; nor
/// does praise of one's own things.
#[derive(Clone, Debug)]
pub struct RecordActivity {
    pub deed: DeedId,
    pub user: UserId,
    pub kind: ActivityKind,
    /// The person's own, at [`Self::occurred_at`].
    pub day: NaiveDate,
    pub object: Option<ObjectId>,
    pub target: Option<UserId>,
    pub quality: Option<Quality>,
    pub description: Option<Personal<String>>,
    pub metadata: Option<Personal<Map<String, Value>>>,
    pub occurred_at: DateTime<Utc>,
    pub at: DateTime<Utc>,
}

impl RecordActivity {
    fn is_self_praise(&self) -> bool {
        self.kind.is_praise() && self.target == Some(self.user)
    }
}

impl Decide<Activity> for RecordActivity {
    fn decide(&self, state: &Activity) -> Result<Vec<ActivityEvent>, ActivityError> {
        let counted = !self.is_self_praise() && state.has_room(self.kind, self.occurred_at);
        let deed = Deed {
            id: self.deed,
            user: self.user,
            kind: self.kind,
            day: self.day,
            object: self.object,
            target: self.target.filter(|target| *target != self.user),
            quality: self.quality,
            counted,
        };
        if let Some((known, _)) = state.known(self.deed) {
            let same = Deed { counted: known.counted, ..deed } == *known;
            return if same { Ok(Vec::new()) } else { Err(ActivityError::DeedDiffers) };
        }
        if state.is_full() {
            return Err(ActivityError::DayFull);
        }
        let Self { description, metadata, occurred_at, at: recorded_at, .. } = self.clone();
        Ok(vec![ActivityRecorded { deed, description, metadata, occurred_at, recorded_at }.into()])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::*;
    use cqrs_es::test::TestFramework;

    fn like(name: &str, second: i64) -> RecordActivity {
        RecordActivity {
            deed: DeedId::of("service:content", name),
            user: jane(),
            kind: ActivityKind::Like,
            day: at(0).date_naive(),
            object: Some(ObjectId::of("content", "post-1")),
            target: Some(john()),
            quality: None,
            description: None,
            metadata: None,
            occurred_at: at(second),
            at: at(second + 1),
        }
    }

    fn recorded(command: &RecordActivity, counted: bool) -> ActivityEvent {
        let RecordActivity { deed: id, user, kind, day, object, target, quality, .. } = command.clone();
        let deed = Deed { id, user, kind, day, object, target, quality, counted };
        let RecordActivity { description, metadata, occurred_at, at: recorded_at, .. } = command.clone();
        ActivityRecorded { deed, description, metadata, occurred_at, recorded_at }.into()
    }

    #[test]
    fn deed_is_recorded_once_under_its_id() {
        let first = like("1", 0);
        TestFramework::<Activity>::with(())
            .given_no_previous_events()
            .when(first.clone().into())
            .then_expect_events(vec![recorded(&first, true)]);
        let again = RecordActivity { at: at(99), ..first.clone() };
        TestFramework::<Activity>::with(())
            .given(vec![recorded(&first, true)])
            .when(again.into())
            .then_expect_events(vec![]);
        let other = RecordActivity { target: None, ..first.clone() };
        TestFramework::<Activity>::with(())
            .given(vec![recorded(&first, true)])
            .when(other.into())
            .then_expect_error(ActivityError::DeedDiffers);
    }

    #[test]
    fn beyond_the_caps_deeds_are_recorded_and_do_not_count() {
        let join = |name: &str, second| RecordActivity {
            kind: ActivityKind::BetaJoined,
            object: None,
            target: None,
            ..like(name, second)
        };
        let (first, second) = (join("1", 0), join("2", 1));
        TestFramework::<Activity>::with(())
            .given(vec![recorded(&first, true)])
            .when(second.clone().into())
            .then_expect_events(vec![recorded(&second, false)]);
        let other_kind = like("3", 2);
        TestFramework::<Activity>::with(())
            .given(vec![recorded(&first, true), recorded(&second, false)])
            .when(other_kind.clone().into())
            .then_expect_events(vec![recorded(&other_kind, true)]);
    }

    #[test]
    fn caps_of_an_hour_leave_room_in_the_next_until_the_day_is_used_up() {
        let review = |n: u32, hour: i64| {
            let review = like(&n.to_string(), hour * 3_600);
            RecordActivity { kind: ActivityKind::Review, object: None, target: None, ..review }
        };
        let counted = |given: &[RecordActivity], next: RecordActivity| {
            let mut state = Activity::default();
            given.iter().for_each(|command| state.evolve(&recorded(command, true)));
            let events = next.decide(&state).unwrap();
            matches!(&events[..], [ActivityEvent::ActivityRecorded(e)] if e.deed.counted)
        };
        let first_hour: Vec<_> = (0..20).map(|n| review(n, 0)).collect();
        assert!(!counted(&first_hour, review(99, 0)));
        assert!(counted(&first_hour, review(99, 1)));
        let whole_day: Vec<_> = (0..50).map(|n| review(n, i64::from(n / 20))).collect();
        assert!(!counted(&whole_day, review(99, 7)));
    }

    #[test]
    fn praise_of_ones_own_things_counts_for_nothing() {
        let own = RecordActivity { target: Some(jane()), ..like("1", 0) };

        let events = own.decide(&Activity::default()).unwrap();

        let [ActivityEvent::ActivityRecorded(e)] = &events[..] else { panic!("{events:?}") };
        assert_eq!((e.deed.counted, e.deed.target), (false, None));
        assert_eq!(RecordActivity { at: at(5), ..own.clone() }.decide(&folded(&events)), Ok(Vec::new()));
        let post = RecordActivity { kind: ActivityKind::PostCreate, ..own };
        let events = post.decide(&Activity::default()).unwrap();
        assert!(matches!(&events[..], [ActivityEvent::ActivityRecorded(e)] if e.deed.counted));
    }

    fn folded(events: &[ActivityEvent]) -> Activity {
        let mut state = Activity::default();
        events.iter().for_each(|event| state.evolve(event));
        state
    }

    #[test]
    fn day_is_bounded() {
        let mut state = Activity::default();
        for n in 0..super::super::MAX_DEEDS {
            state.evolve(&recorded(&like(&n.to_string(), 0), false));
        }

        assert_eq!(like("one more", 0).decide(&state), Err(ActivityError::DayFull));
        assert_eq!(like("7", 0).decide(&state), Ok(Vec::new()), "what is there is there");
    }
}
