//! Records of personal data that staff were shown, and of rejected requests (ADM-07).

use crate::{
    Caller, CommandError, Executor, Principal, Unit, Warrant,
    account::staff::{acting_staff, staffed},
    caller::signed_in,
};
use domain::{
    AccessLogId, Subject,
    access_log::{AccessLog, AccessLogCommand, RecordAct, RecordDenial, RecordFetch, RecordView, View},
};
use std::collections::{BTreeMap, BTreeSet};

/// The use cases of the access log. Cheap to clone.
#[derive(Clone)]
pub struct AccessLogs {
    executor: Executor,
}

impl AccessLogs {
    pub const fn new(executor: Executor) -> Self {
        Self { executor }
    }

    /// Records whose personal data the caller is about to be shown. Nothing is to be shown if this fails.
    ///
    /// # Errors
    /// [`CommandError::Unavailable`]; [`CommandError::Forbidden`] if it is neither somebody signed in nor a service.
    pub async fn record_view(
        &self,
        view: View,
        subjects: BTreeSet<Subject>,
        caller: &Caller,
    ) -> Result<(), CommandError> {
        let at = self.executor.now();
        if let Principal::Service { name, key } = &caller.principal {
            let (service, api_key) = (name.clone(), *key);
            let day = AccessLogId::of_key(api_key, at.date_naive());
            return self.record_on(day, RecordFetch { service, api_key, view, subjects, at }, caller).await;
        }
        let (viewer, _) = signed_in(caller)?;
        self.record(RecordView { viewer, view, subjects, at }, caller).await
    }

    /// Records that an authorization check refused the caller: the first time of this act on this day.
    ///
    /// # Errors
    /// As [`Self::record_view`]. What was refused to a person's key is put down for the person.
    pub async fn record_denial(&self, act: &str, problem: &str, caller: &Caller) -> Result<(), CommandError> {
        let user = caller.person().ok_or(CommandError::Forbidden)?;
        let (act, problem) = (act.to_owned(), problem.to_owned());
        self.record(RecordDenial { user, act, problem, at: self.executor.now() }, caller).await
    }

    /// Records what staff, or the operator at the command line, are about to do to something that the log does not
    /// hold. Nothing is to be done if this fails.
    ///
    /// # Errors
    /// [`AccountError::StaffOnly`](crate::AccountError::StaffOnly); [`CommandError::Forbidden`] for anybody who is
    /// neither signed in nor the program itself; [`CommandError::Unavailable`].
    pub async fn record_act(
        &self,
        act: &str,
        object: &str,
        change: BTreeMap<String, String>,
        caller: &Caller,
    ) -> Result<(), CommandError> {
        let (at, today) = (self.executor.now(), self.executor.now().date_naive());
        let (act, object) = (act.to_owned(), object.to_owned());
        let unit = if let Principal::System(_) = caller.principal {
            let command = RecordAct { user: None, act, object, change, at };
            Unit::new().warranted(Warrant::Record).on::<AccessLog>(AccessLogId::of_operator(today), command)
        } else {
            let by = acting_staff(&self.executor, caller).await?;
            let command = RecordAct { user: Some(by.user), act, object, change, at };
            staffed(Unit::new(), by, at).on::<AccessLog>(AccessLogId::of(by.user, today), command)
        };
        self.executor.run_all(unit, &caller.unkeyed()).await.map(drop)
    }

    async fn record(
        &self,
        command: impl Into<AccessLogCommand>,
        caller: &Caller,
    ) -> Result<(), CommandError> {
        let user = caller.person().ok_or(CommandError::Forbidden)?;
        let day = AccessLogId::of(user, self.executor.now().date_naive());
        self.record_on(day, command, caller).await
    }

    /// Beside what the request itself does: its idempotency key is not for this.
    async fn record_on(
        &self,
        day: AccessLogId,
        command: impl Into<AccessLogCommand>,
        caller: &Caller,
    ) -> Result<(), CommandError> {
        let unit = Unit::new().warranted(Warrant::Record).on::<AccessLog>(day, command);
        self.executor.run_all(unit, &caller.unkeyed()).await.map(drop)
    }
}
