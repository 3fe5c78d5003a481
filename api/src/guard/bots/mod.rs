//! Programs that pretend to be people, at the acts that attract them (AUTH-12; ADR 19).
//!
//! Signs have weights. Little weight does nothing, more asks for a proof of work, most is refused. Programs that say what
//! they are, such as `curl`, are nobody's pretence.

mod signals;

use crate::{
    App, caller,
    edge::{Context, RawBody},
    problem::{ApiResult, Problem, PuzzleView, catalogue as kind},
};
use axum::{
    extract::{Request, State},
    http::{HeaderMap, HeaderName},
    middleware::Next,
    response::{IntoResponse, Response},
};
use chrono::TimeDelta;
use commands::Principal;
use domain::sign_in::{BotOutcome, BotSignal};
use serde::Deserialize;
use signals::Taken;
use std::collections::BTreeSet;
use utoipa::ToSchema;

pub const PROOF: HeaderName = HeaderName::from_static("annals-proof");

/// From this weight on a proof of work is asked for: no single weak sign has it.
const CHALLENGED: u32 = 3;
/// From this weight on nothing helps.
const BLOCKED: u32 = 10;

/// What is done about a suspicion.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Bots {
    /// Nothing is looked at.
    Off,
    /// It is recorded, and has no consequence.
    Observe,
    /// It is recorded, and challenged or refused.
    #[default]
    Enforce,
}

/// How suspicions are dealt with.
#[derive(Clone, Copy, Debug)]
pub struct BotOptions {
    pub bots: Bots,
    /// Leading zero bits of a proof of work: each doubles the work, 18 is some 260,000 hashes.
    pub difficulty: u8,
    /// A form that comes back sooner was not typed by a person.
    pub shortest_form: TimeDelta,
}

impl Default for BotOptions {
    fn default() -> Self {
        Self { bots: Bots::default(), difficulty: 18, shortest_form: TimeDelta::seconds(2) }
    }
}

/// What a form is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum FormPurpose {
    Register,
    Login,
    /// Of a password.
    Reset,
}

impl FormPurpose {
    pub const fn name(self) -> &'static str {
        match self {
            Self::Register => "register",
            Self::Login => "login",
            Self::Reset => "reset",
        }
    }
}

/// The layer of an act whose form attracts programs, after its body is read.
pub async fn watch(
    State((app, act, form)): State<(App, &'static str, FormPurpose)>,
    mut request: Request,
    next: Next,
) -> Response {
    let options = app.options().bots;
    let taken = take(&mut request);
    if options.bots == Bots::Off {
        return next.run(request).await;
    }
    let Some(context) = request.extensions().get::<Context>().cloned() else {
        return Problem::internal("a request without a context").into_response();
    };
    let caller = caller::command(context, Principal::Anonymous, None);
    let admitted = match signals(&app, options, form, &caller, (request.headers(), taken)).await {
        Ok(signals) => admit(&app, options, act, &caller, (request.headers(), signals)).await,
        Err(problem) => Err(problem),
    };
    match admitted {
        Ok(()) => next.run(request).await,
        Err(problem) => problem.into_response(),
    }
}

/// The body goes on without what no handler knows.
fn take(request: &mut Request) -> Taken {
    let Some(RawBody(body)) = request.extensions().get::<RawBody>().cloned() else { return Taken::default() };
    let mut taken = signals::of_body(&body);
    if let Some(rest) = taken.rest.take() {
        request.extensions_mut().insert(RawBody(rest));
    }
    taken
}

/// Everything that speaks against who asks.
async fn signals(
    app: &App,
    options: BotOptions,
    form: FormPurpose,
    caller: &commands::Caller,
    (headers, taken): (&HeaderMap, Taken),
) -> ApiResult<BTreeSet<BotSignal>> {
    let mut signals: BTreeSet<BotSignal> =
        signals::of_headers(headers).into_iter().chain(taken.hidden).collect();
    if app.commands().accounts.is_hasty(caller).await? {
        signals.insert(BotSignal::Velocity);
    }
    // Without a token nothing is known of the form, and nothing is held against it.
    if let Some(token) = taken.form_token {
        signals.extend(app.commands().accounts.judge_form(form.name(), &token, options.shortest_form).await?);
    }
    Ok(signals)
}

async fn admit(
    app: &App,
    options: BotOptions,
    act: &str,
    caller: &commands::Caller,
    (headers, signals): (&HeaderMap, BTreeSet<BotSignal>),
) -> ApiResult<()> {
    let (outcome, problem) = match weight(&signals) {
        ..CHALLENGED => return Ok(()),
        _ if options.bots == Bots::Observe => (BotOutcome::Observed, None),
        BLOCKED.. => (BotOutcome::Blocked, Some(Problem::of(&kind::BOT_REFUSED))),
        _ if is_proved(app, act, caller, headers).await? => return Ok(()),
        _ => {
            let puzzle = PuzzleView::from(app.commands().accounts.puzzle(act, options.difficulty, caller));
            (BotOutcome::Challenged, Some(Problem::of(&kind::PROOF_NEEDED).puzzle(puzzle)))
        }
    };
    metrics::counter!("annals_bots_suspected_total", "act" => act.to_owned(), "outcome" => outcome_name(outcome))
        .increment(1);
    app.commands().accounts.record_suspicion(act, signals, outcome, caller).await?;
    problem.map_or(Ok(()), Err)
}

async fn is_proved(app: &App, act: &str, caller: &commands::Caller, headers: &HeaderMap) -> ApiResult<bool> {
    let Some(proof) = headers.get(PROOF).and_then(|proof| proof.to_str().ok()) else { return Ok(false) };
    Ok(app.commands().accounts.spend_proof(act, proof.trim(), caller).await?)
}

fn weight(signals: &BTreeSet<BotSignal>) -> u32 {
    let of = |signal: &BotSignal| match signal {
        // Who mistyped a password may send the same form once more.
        BotSignal::NoAgent | BotSignal::OddBrowser | BotSignal::StaleForm => 1,
        BotSignal::Velocity | BotSignal::FastForm => 2,
        BotSignal::KnownAgent | BotSignal::ImpossibleRequest => 3,
        BotSignal::HiddenField => 10,
    };
    signals.iter().map(of).sum()
}

const fn outcome_name(outcome: BotOutcome) -> &'static str {
    match outcome {
        BotOutcome::Observed => "observed",
        BotOutcome::Challenged => "challenged",
        BotOutcome::Blocked => "blocked",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weak_signs_do_nothing_alone_and_a_filled_hidden_field_is_enough() {
        let weight = |signals: &[BotSignal]| weight(&signals.iter().copied().collect());

        for weak in [
            BotSignal::NoAgent,
            BotSignal::OddBrowser,
            BotSignal::Velocity,
            BotSignal::FastForm,
            BotSignal::StaleForm,
        ] {
            assert!(weight(&[weak]) < CHALLENGED, "{weak:?}");
        }
        assert!(weight(&[BotSignal::NoAgent, BotSignal::FastForm]) >= CHALLENGED);
        assert!(weight(&[BotSignal::Velocity, BotSignal::StaleForm]) >= CHALLENGED);
        assert!(weight(&[BotSignal::NoAgent, BotSignal::Velocity]) >= CHALLENGED);
        assert!((CHALLENGED..BLOCKED).contains(&weight(&[BotSignal::KnownAgent, BotSignal::Velocity])));
        assert!(weight(&[BotSignal::HiddenField]) >= BLOCKED);
    }
}
