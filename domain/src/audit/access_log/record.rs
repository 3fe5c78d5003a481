//! Access to personal data or a rejection is recorded.

use super::{
    AccessDenied, AccessLog, AccessLogError, AccessLogEvent, OperatorActed, PersonalDataFetched,
    PersonalDataViewed, View,
};
use crate::{
    aggregate::Decide,
    ids::{ApiKeyId, Subject, UserId},
};
use chrono::{DateTime, Utc};
use std::collections::{BTreeMap, BTreeSet};

/// Records whose personal data is about to be shown. To see it twice is two events; nobody's data is none.
#[derive(Clone, Debug)]
pub struct RecordView {
    pub viewer: UserId,
    pub view: View,
    /// The viewer's own data is not another's.
    pub subjects: BTreeSet<Subject>,
    pub at: DateTime<Utc>,
}

impl Decide<AccessLog> for RecordView {
    fn decide(&self, _state: &AccessLog) -> Result<Vec<AccessLogEvent>, AccessLogError> {
        let own = Subject::of(self.viewer);
        let subjects: Vec<Subject> =
            self.subjects.iter().copied().filter(|subject| *subject != own).collect();
        if subjects.is_empty() {
            return Ok(Vec::new());
        }
        let Self { viewer, view, at: viewed_at, .. } = *self;
        Ok(vec![PersonalDataViewed { viewer, view, subjects, viewed_at }.into()])
    }
}

/// Records what a service is about to be sent. Nobody's data is no event.
#[derive(Clone, Debug)]
pub struct RecordFetch {
    pub service: String,
    pub api_key: ApiKeyId,
    pub view: View,
    pub subjects: BTreeSet<Subject>,
    pub at: DateTime<Utc>,
}

impl Decide<AccessLog> for RecordFetch {
    fn decide(&self, _state: &AccessLog) -> Result<Vec<AccessLogEvent>, AccessLogError> {
        let Self { service, api_key, view, subjects, at: fetched_at } = self.clone();
        if subjects.is_empty() {
            return Ok(Vec::new());
        }
        let subjects = subjects.into_iter().collect();
        Ok(vec![PersonalDataFetched { service, api_key, view, subjects, fetched_at }.into()])
    }
}

/// Records a refusal: of each act and reason the first one of the day, so that knocking fills no log.
#[derive(Clone, Debug)]
pub struct RecordDenial {
    pub user: UserId,
    pub act: String,
    pub problem: String,
    pub at: DateTime<Utc>,
}

impl Decide<AccessLog> for RecordDenial {
    fn decide(&self, state: &AccessLog) -> Result<Vec<AccessLogEvent>, AccessLogError> {
        let Self { user, act, problem, at: denied_at } = self.clone();
        if state.denied.contains(&(act.clone(), problem.clone())) {
            return Ok(Vec::new());
        }
        Ok(vec![AccessDenied { user, act, problem, denied_at }.into()])
    }
}

/// Records what is about to be done to something that the log does not hold. To do it twice is two events.
#[derive(Clone, Debug)]
pub struct RecordAct {
    pub user: Option<UserId>,
    pub act: String,
    pub object: String,
    pub change: BTreeMap<String, String>,
    pub at: DateTime<Utc>,
}

impl Decide<AccessLog> for RecordAct {
    fn decide(&self, _state: &AccessLog) -> Result<Vec<AccessLogEvent>, AccessLogError> {
        let Self { user, act, object, change, at: acted_at } = self.clone();
        Ok(vec![OperatorActed { user, act, object, change, acted_at }.into()])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::*;
    use cqrs_es::test::TestFramework;

    fn view(subjects: &[UserId]) -> RecordView {
        let subjects = subjects.iter().copied().map(Subject::of).collect();
        RecordView { viewer: jane(), view: View::Audit, subjects, at: at(1) }
    }

    fn viewed(subjects: &[UserId]) -> AccessLogEvent {
        let subjects = subjects.iter().copied().map(Subject::of).collect();
        PersonalDataViewed { viewer: jane(), view: View::Audit, subjects, viewed_at: at(1) }.into()
    }

    fn denial(act: &str) -> RecordDenial {
        RecordDenial { user: jane(), act: act.to_owned(), problem: "staff-only".to_owned(), at: at(1) }
    }

    fn denied(act: &str) -> AccessLogEvent {
        let problem = "staff-only".to_owned();
        AccessDenied { user: jane(), act: act.to_owned(), problem, denied_at: at(1) }.into()
    }

    #[test]
    fn every_view_of_others_is_recorded_and_ones_own_is_not() {
        TestFramework::<AccessLog>::with(())
            .given(vec![viewed(&[john()])])
            .when(view(&[john(), jane()]).into())
            .then_expect_events(vec![viewed(&[john()])]);
        for nobody in [vec![], vec![jane()]] {
            TestFramework::<AccessLog>::with(())
                .given_no_previous_events()
                .when(view(&nobody).into())
                .then_expect_events(vec![]);
        }
    }

    #[test]
    fn every_fetch_of_a_service_is_recorded_and_an_empty_page_is_not() {
        let fetch = |subjects: &[UserId]| RecordFetch {
            service: "etl".to_owned(),
            api_key: ApiKeyId::default(),
            view: View::Audit,
            subjects: subjects.iter().copied().map(Subject::of).collect(),
            at: at(1),
        };
        let fetched: AccessLogEvent = PersonalDataFetched {
            service: "etl".to_owned(),
            api_key: ApiKeyId::default(),
            view: View::Audit,
            subjects: vec![Subject::of(john())],
            fetched_at: at(1),
        }
        .into();
        for (subjects, events) in [(vec![john()], vec![fetched.clone()]), (vec![], vec![])] {
            TestFramework::<AccessLog>::with(())
                .given(vec![fetched.clone()])
                .when(fetch(&subjects).into())
                .then_expect_events(events);
        }
    }

    #[test]
    fn every_act_is_recorded_also_the_same_again() {
        let (act, object) = ("change_schedule".to_owned(), "update-user-counters".to_owned());
        let change = BTreeMap::from([("enabled".to_owned(), "false".to_owned())]);
        let (user, acted_at) = (Some(jane()), at(1));
        let record =
            RecordAct { user, act: act.clone(), object: object.clone(), change: change.clone(), at: at(1) };
        let acted: AccessLogEvent = OperatorActed { user, act, object, change, acted_at }.into();

        TestFramework::<AccessLog>::with(())
            .given(vec![acted.clone()])
            .when(record.into())
            .then_expect_events(vec![acted]);
    }

    #[test]
    fn first_refusal_of_an_act_is_recorded_and_knocking_again_is_not() {
        TestFramework::<AccessLog>::with(())
            .given(vec![denied("list_audit")])
            .when(denial("list_audit").into())
            .then_expect_events(vec![]);
        TestFramework::<AccessLog>::with(())
            .given(vec![denied("list_audit")])
            .when(denial("list_events").into())
            .then_expect_events(vec![denied("list_events")]);
    }
}
