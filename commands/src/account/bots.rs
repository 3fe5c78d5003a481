//! Clients that are suspected to be programs (AUTH-12): how often their network asks, what they proved, the record.

use super::Accounts;
use crate::{Caller, CommandError, FormToken, Purpose, Puzzle, Unit, Warrant};
use chrono::TimeDelta;
use domain::{
    SignInId,
    sign_in::{BotOutcome, BotSignal, RecordSuspicion, SignIn},
};
use std::collections::BTreeSet;

impl Accounts {
    /// Whether the caller's network (IPv4 /24, IPv6 /56) asks more often than people do. A caller inside the program
    /// never does.
    ///
    /// # Errors
    /// [`CommandError::Unavailable`].
    pub async fn is_hasty(&self, caller: &Caller) -> Result<bool, CommandError> {
        if caller.ip.is_none() {
            return Ok(false);
        }
        match self.throttle().haste(&caller.client_prefix()).await {
            Ok(()) => Ok(false),
            Err(CommandError::Throttled { .. }) => Ok(true),
            Err(error) => Err(error),
        }
    }

    /// A proof of work for this act, to be done by this caller's network.
    pub fn puzzle(&self, act: &str, difficulty: u8, caller: &Caller) -> Puzzle {
        let mut nonce = [0; 16];
        self.executor.mint().fill(&mut nonce);
        let network = caller.client_prefix();
        self.codes.puzzle(Purpose { act, network: &network }, difficulty, nonce, self.executor.now())
    }

    /// Whether a proof solves a puzzle that was set for this act and network, and was not spent before: it is now.
    ///
    /// # Errors
    /// [`CommandError::Unavailable`].
    pub async fn spend_proof(&self, act: &str, proof: &str, caller: &Caller) -> Result<bool, CommandError> {
        let network = caller.client_prefix();
        if !self.codes.is_proof(Purpose { act, network: &network }, proof, self.executor.now()) {
            return Ok(false);
        }
        // The puzzle, not the answer: one puzzle has many.
        let puzzle = proof.split_once('.').map_or(proof, |(puzzle, _)| puzzle);
        match self.throttle().proof(puzzle).await {
            Ok(()) => Ok(true),
            Err(CommandError::Throttled { .. }) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// A token for a form that is about to be shown.
    pub fn form_token(&self, purpose: &str) -> FormToken {
        let mut nonce = [0; 16];
        self.executor.mint().fill(&mut nonce);
        self.codes.form_token(purpose, nonce, self.executor.now())
    }

    /// What a form's token tells against who sent it: that it came back sooner than after `shortest`, or that it says
    /// nothing, because it is not ours, is for another purpose, has expired, or was sent before.
    ///
    /// # Errors
    /// [`CommandError::Unavailable`].
    pub async fn judge_form(
        &self,
        purpose: &str,
        token: &str,
        shortest: TimeDelta,
    ) -> Result<Option<BotSignal>, CommandError> {
        let Some(age) = self.codes.form_age(purpose, token, self.executor.now()) else {
            return Ok(Some(BotSignal::StaleForm));
        };
        match self.throttle().form(token).await {
            Ok(()) => Ok((age < shortest).then_some(BotSignal::FastForm)),
            Err(CommandError::Throttled { .. }) => Ok(Some(BotSignal::StaleForm)),
            Err(error) => Err(error),
        }
    }

    /// Records what came of a suspicion: the first time of this act and outcome of the network on this day.
    ///
    /// # Errors
    /// What [`Executor::run_all`](crate::Executor::run_all) refuses.
    pub async fn record_suspicion(
        &self,
        act: &str,
        signals: BTreeSet<BotSignal>,
        outcome: BotOutcome,
        caller: &Caller,
    ) -> Result<(), CommandError> {
        let at = self.executor.now();
        let stream = SignInId::of_client(&caller.client_prefix(), at.date_naive());
        let record = RecordSuspicion { act: act.to_owned(), signals, outcome, at };
        let unit = Unit::new().warranted(Warrant::Request).on::<SignIn>(stream, record);
        self.executor.run_all(unit, &caller.unkeyed()).await.map(drop)
    }
}
