//! A client behaves like a program that pretends to be a person (AUTH-12).

use super::{BotOutcome, BotSignal, BotSuspected, SignIn, SignInError, SignInEvent};
use crate::aggregate::Decide;
use chrono::{DateTime, Utc};
use std::collections::BTreeSet;

/// Records it once for each act and outcome: whoever keeps trying cannot make the stream long.
#[derive(Clone, Debug)]
pub struct RecordSuspicion {
    /// The id of the route.
    pub act: String,
    pub signals: BTreeSet<BotSignal>,
    pub outcome: BotOutcome,
    pub at: DateTime<Utc>,
}

impl Decide<SignIn> for RecordSuspicion {
    fn decide(&self, state: &SignIn) -> Result<Vec<SignInEvent>, SignInError> {
        if state.suspicions.contains(&(self.act.clone(), self.outcome)) {
            return Ok(Vec::new());
        }
        let Self { act, signals, outcome, at } = self.clone();
        Ok(vec![BotSuspected { act, signals, outcome, suspected_at: at }.into()])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::*;
    use cqrs_es::test::TestFramework;

    fn record(act: &str, outcome: BotOutcome, second: i64) -> RecordSuspicion {
        RecordSuspicion {
            act: act.to_owned(),
            signals: [BotSignal::KnownAgent].into(),
            outcome,
            at: at(second),
        }
    }

    fn suspected(act: &str, outcome: BotOutcome, second: i64) -> SignInEvent {
        let signals = [BotSignal::KnownAgent].into();
        BotSuspected { act: act.to_owned(), signals, outcome, suspected_at: at(second) }.into()
    }

    #[test]
    fn suspicion_is_recorded_once_for_each_act_and_outcome() {
        let challenged = suspected("register", BotOutcome::Challenged, 1);
        for (command, events) in [
            (record("register", BotOutcome::Challenged, 2), vec![]),
            (record("login", BotOutcome::Challenged, 2), vec![suspected("login", BotOutcome::Challenged, 2)]),
            (record("register", BotOutcome::Blocked, 2), vec![suspected("register", BotOutcome::Blocked, 2)]),
        ] {
            TestFramework::<SignIn>::with(())
                .given(vec![challenged.clone()])
                .when(command.into())
                .then_expect_events(events);
        }
    }
}
