//! Puts the form of requests over HTTP behind what the workers read from NATS.

use crate::{config::Config, core::Core};
use api::{deeds, problem::Problem};
use bus::Bus;
use commands::CommandError;
use std::sync::Arc;
use workers::ingest::{Fault, Form, Ingest, IngestOptions, Told};

/// The reader of what services publish, with the roles' connection.
pub fn reader(config: &Config, core: &Core, bus: Bus) -> Ingest {
    Ingest::new(IngestOptions {
        bus,
        names: config.nats.ingest.clone(),
        pool: core.store.pool().clone(),
        activities: core.commands.activities.clone(),
        form: Arc::new(DeedForm),
    })
}

/// Deeds as `POST /api/events` and its batch take them.
pub struct DeedForm;

impl Form for DeedForm {
    fn read(&self, body: &[u8], name: Option<&str>) -> Result<Vec<Told>, Fault> {
        let told = deeds::told::read_message(body, name).map_err(|problem| fault("", problem))?;
        let told = told.into_iter().map(|(pointer, said)| {
            let said = said.map_err(|problem| fault(&pointer, problem));
            Told { pointer, said }
        });
        Ok(told.collect())
    }

    fn fault(&self, pointer: &str, error: CommandError) -> Fault {
        fault(pointer, Problem::from(error))
    }
}

/// The code of the first member that is wrong, else of the problem; the sentences hold rules, not values.
fn fault(pointer: &str, problem: Problem) -> Fault {
    let kind = problem.kind();
    let problem = problem.below(pointer).details(String::new());
    let Some(first) = problem.errors.first() else {
        let what = problem.detail.unwrap_or_else(|| kind.title.to_owned());
        let at = if pointer.is_empty() { String::new() } else { format!("{pointer}: ") };
        return Fault { code: kind.slug.to_owned(), detail: format!("{at}{what}") };
    };
    let details = problem.errors.iter().map(|error| format!("{}: {}", error.pointer, error.detail));
    Fault { code: first.code.clone(), detail: details.collect::<Vec<_>>().join("; ") }
}
