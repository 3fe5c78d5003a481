//! The messages at hand, until each is done or set aside.
//!
//! When the log does not answer, the round goes on asking it with growing pauses, and nothing newer is read meanwhile:
//! what a person did first must be recorded first, or a deed could be taken back before it was told.

use super::{Fault, IngestOptions, Told};
use bus::{
    BusError,
    ingest::{Inbox, Message},
};
use commands::{Caller, CommandError, DeedStanding, Known, Principal, Said};
use domain::values::ServiceName;
use std::{collections::BTreeMap, time::Duration};
use tokio::time::sleep;

/// Before the second try; doubled before each further one.
const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);
/// A deed that finds a defect of ours so often is set aside, so that it does not keep all others waiting.
const DEFECTS: u32 = 5;

pub(super) struct Round<'a> {
    options: &'a IngestOptions,
    inbox: &'a Inbox,
    messages: &'a [Message],
    letters: Vec<Letter>,
    /// What is still to be recorded, in order.
    waiting: Vec<Deed>,
}

/// What is known of a message.
#[derive(Default)]
struct Letter {
    faults: Vec<Fault>,
    /// Deeds of it that are still to be recorded.
    open: usize,
    settled: bool,
}

struct Deed {
    letter: usize,
    /// Where it stands in the message.
    pointer: String,
    said: Said,
    defects: u32,
}

impl<'a> Round<'a> {
    pub(super) fn new(options: &'a IngestOptions, inbox: &'a Inbox, messages: &'a [Message]) -> Self {
        let mut round = Self { options, inbox, messages, letters: Vec::new(), waiting: Vec::new() };
        for (n, message) in messages.iter().enumerate() {
            let letter = round.read(n, message).unwrap_or_else(|fault| {
                count("unreadable");
                Letter { faults: vec![fault], ..Letter::default() }
            });
            round.letters.push(letter);
        }
        round
    }

    fn read(&mut self, n: usize, message: &Message) -> Result<Letter, Fault> {
        let form = &self.options.form;
        if let Err(error) = ServiceName::parse(message.service()) {
            let detail = format!("the subject's last token: {error}");
            return Err(Fault { code: "service-invalid".into(), detail });
        }
        let mut letter = Letter::default();
        for Told { pointer, said } in form.read(message.body(), message.id())? {
            match said {
                Ok(said) => {
                    letter.open += 1;
                    self.waiting.push(Deed { letter: n, pointer, said, defects: 0 });
                }
                Err(fault) => letter.refuse(fault),
            }
        }
        Ok(letter)
    }

    /// Returns when every message is off the queue.
    ///
    /// # Errors
    /// When NATS cannot be told; what is not told comes again.
    pub(super) async fn finish(mut self) -> Result<(), BusError> {
        let mut pause = FIRST_PAUSE;
        loop {
            self.settle().await?;
            if self.waiting.is_empty() {
                return Ok(());
            }
            let before = self.waiting.len();
            self.record().await;
            if self.waiting.is_empty() {
                continue;
            }
            if self.waiting.len() < before {
                pause = FIRST_PAUSE;
            }
            tracing::warn!(deeds = self.waiting.len(), ?pause, "deeds wait for the log");
            sleep(pause).await;
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }

    /// Tries once what waits, service by service; what may pass later goes on waiting, in order.
    async fn record(&mut self) {
        let mut services: BTreeMap<&str, Vec<Deed>> = BTreeMap::new();
        for deed in self.waiting.drain(..) {
            if let Some(message) = self.messages.get(deed.letter) {
                services.entry(message.service()).or_default().push(deed);
            }
        }
        for (name, deeds) in services {
            // Named as over HTTP, so that the same deed is the same by whichever way it comes.
            let caller = Caller::system(&Principal::service_actor(name));
            let said = deeds.iter().map(|deed| deed.said.clone()).collect();
            let outcomes = self.options.activities.record_all(said, &caller).await;
            for (deed, outcome) in deeds.into_iter().zip(outcomes) {
                self.note(deed, outcome);
            }
        }
    }

    fn note(&mut self, mut deed: Deed, outcome: Result<Known, CommandError>) {
        let form = &self.options.form;
        let Some(letter) = self.letters.get_mut(deed.letter) else { return };
        match outcome {
            Ok(known) => {
                letter.open -= 1;
                count(word(known.standing));
            }
            Err(error) => {
                deed.defects += u32::from(matches!(error, CommandError::Internal(_)));
                if error.may_pass_later() && deed.defects < DEFECTS {
                    self.waiting.push(deed);
                    return;
                }
                if let CommandError::Internal(cause) = &error {
                    tracing::error!(%cause, "a deed is set aside because of a defect");
                }
                letter.open -= 1;
                letter.refuse(form.fault(&deed.pointer, error));
            }
        }
    }

    /// Tells NATS of every message of which nothing waits any more.
    async fn settle(&mut self) -> Result<(), BusError> {
        for (message, letter) in self.messages.iter().zip(&mut self.letters) {
            if letter.settled || letter.open > 0 {
                continue;
            }
            match letter.faults.first() {
                None => self.inbox.done(message).await?,
                Some(first) => {
                    let details: Vec<_> = letter.faults.iter().map(|fault| fault.detail.as_str()).collect();
                    self.inbox.reject(message, &first.code, &details.join("; ")).await?;
                    tracing::warn!(service = message.service(), code = first.code, "a message was refused");
                }
            }
            letter.settled = true;
        }
        Ok(())
    }
}

impl Letter {
    fn refuse(&mut self, fault: Fault) {
        count("refused");
        self.faults.push(fault);
    }
}

const fn word(standing: DeedStanding) -> &'static str {
    match standing {
        DeedStanding::Recorded => "recorded",
        DeedStanding::Repeated => "repeated",
        DeedStanding::Reversed => "reversed",
    }
}

fn count(outcome: &'static str) {
    metrics::counter!("annals_ingest_total", "outcome" => outcome).increment(1);
}
