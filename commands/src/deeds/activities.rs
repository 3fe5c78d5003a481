//! Recording of activity: by people themselves, or by services (C-40, C-41, EVT-01).
//!
//! A sender names each deed. That name is the idempotency key, for ever: it is claimed in the append, so that the same
//! deed is recorded once whichever way it comes, and whatever day it falls on by then. A reversal finds the day of
//! what it takes back by the same claim.

use crate::{Caller, CommandError, Done, Executor, Principal, Refusal, Unit, Warrant};
use chrono::{DateTime, TimeDelta, Utc};
use domain::{
    ActivityId, ClaimKind, DeedId, ObjectId, Personal, Subject, UserId,
    activity::{Activity, ActivityError, ActivityKind, Deed, RecordActivity, ReverseActivity},
    badge::criteria::Quality,
    settings::Settings,
    user::User,
};
use futures::{StreamExt, stream};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// Clocks of senders may be ahead by so much.
const AHEAD: TimeDelta = TimeDelta::minutes(5);
/// How long ago a deed may have happened when it is told, as long as nothing else is chosen.
const TOLD_WITHIN: TimeDelta = TimeDelta::days(365);
/// People whose deeds of one batch are recorded at the same time.
const PEOPLE_AT_ONCE: usize = 32;

/// One per process. Cheap to clone.
#[derive(Clone)]
pub struct Activities {
    executor: Executor,
    told_within: TimeDelta,
}

/// What a sender says that somebody did, or took back.
#[derive(Clone, Debug)]
pub struct Said {
    /// The sender's own name of the deed, unique among all that this sender sends.
    pub name: String,
    /// Whose deed it is.
    pub user: UserId,
    pub kind: ActivityKind,
    /// It is taken back; then nothing below counts.
    pub reversal: bool,
    /// The sender's name of what was liked, written, shared.
    pub object: Option<String>,
    /// Whose that is. Somebody who is not there, any more or yet, is left out.
    pub target: Option<UserId>,
    pub quality: Option<Quality>,
    pub description: Option<String>,
    pub metadata: Option<Map<String, Value>>,
    /// None: now. Only for services.
    pub occurred_at: Option<DateTime<Utc>>,
}

/// A deed that is in the log.
#[derive(Clone, Debug, PartialEq)]
pub struct Known {
    pub deed: Deed,
    pub standing: DeedStanding,
    /// Where the log stands; what was recorded is there.
    pub position: i64,
}

/// What came of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeedStanding {
    /// It is new.
    Recorded,
    /// It was there already.
    Repeated,
    /// It is taken back, by this or before.
    Reversed,
}

impl Activities {
    pub const fn new(executor: Executor) -> Self {
        Self { executor, told_within: TOLD_WITHIN }
    }

    /// How long ago a deed may have happened when it is told: what counts by days and windows would otherwise be made up
    /// for any year.
    #[must_use]
    pub fn told_within(self, told_within: TimeDelta) -> Self {
        Self { told_within, ..self }
    }

    /// Records one deed, or takes it back.
    ///
    /// # Errors
    /// [`ActivityError`]; [`CommandError::Forbidden`] for whoever is neither a service nor a verified session of the
    /// person.
    pub async fn record(&self, said: Said, caller: &Caller) -> Result<Known, CommandError> {
        let sender = self.sender(&said, caller)?;
        if said.reversal {
            self.reverse(&said, &sender, caller).await
        } else {
            self.add(said, &sender, caller).await
        }
    }

    /// Records many: those of one person in order, those of several beside each other. Each for itself: one that is
    /// refused keeps no other from being recorded. But after one that may pass later none of the same person's is tried,
    /// so that their order stays. The outcomes are in the order of what was said.
    pub async fn record_all(&self, said: Vec<Said>, caller: &Caller) -> Vec<Result<Known, CommandError>> {
        let mut people: BTreeMap<UserId, Vec<(usize, Said)>> = BTreeMap::new();
        for (n, said) in said.into_iter().enumerate() {
            people.entry(said.user).or_default().push((n, said));
        }
        let person = async |deeds: Vec<(usize, Said)>| {
            let mut known = Vec::with_capacity(deeds.len());
            let mut later = false;
            for (n, said) in deeds {
                let outcome = if later { Err(CommandError::Busy) } else { self.record(said, caller).await };
                later |= outcome.as_ref().is_err_and(CommandError::may_pass_later);
                known.push((n, outcome));
            }
            known
        };
        let of_people = stream::iter(people.into_values().map(person)).buffer_unordered(PEOPLE_AT_ONCE);
        let mut known = of_people.collect::<Vec<_>>().await.into_iter().flatten().collect::<Vec<_>>();
        known.sort_unstable_by_key(|(n, _)| *n);
        known.into_iter().map(|(_, outcome)| outcome).collect()
    }

    /// By whose names deeds are told apart, once it is clear that the caller may say this.
    fn sender(&self, said: &Said, caller: &Caller) -> Result<String, CommandError> {
        match &caller.principal {
            Principal::Service { name, .. } => Ok(Principal::service_actor(name)),
            Principal::System(name) => Ok(name.clone()),
            Principal::User { id, verified: true, .. } if *id == said.user => {
                if !said.kind.is_for_clients() {
                    return Err(CommandError::rejected(ActivityError::NotForClients));
                }
                if said.occurred_at.is_some() {
                    return Err(CommandError::rejected(ActivityError::TimeNotForClients));
                }
                Ok(caller.principal.actor())
            }
            Principal::Anonymous | Principal::User { .. } | Principal::Key { .. } => {
                Err(CommandError::Forbidden)
            }
        }
    }

    async fn add(&self, said: Said, sender: &str, caller: &Caller) -> Result<Known, CommandError> {
        let command = self.command(said, sender).await?;
        let (deed, user) = (command.deed, command.user);
        let unit = Unit::new()
            .on::<Activity>(ActivityId::of(user, command.day), command.clone())
            .reads::<User>(user, present)
            .warranted(Warrant::Report);
        match self.executor.run_one::<Activity>(unit, &caller.unkeyed()).await {
            Ok(done) => {
                let standing =
                    if done.events.is_empty() { DeedStanding::Repeated } else { DeedStanding::Recorded };
                known(&done, deed, standing)
            }
            // Recorded on what was another day: before the person moved, or the sender told another time.
            Err(CommandError::Duplicate(ClaimKind::Deed)) => self.repeated(&command).await,
            Err(error) => Err(error),
        }
    }

    async fn command(&self, said: Said, sender: &str) -> Result<RecordActivity, CommandError> {
        let at = self.executor.now();
        let occurred_at = said.occurred_at.unwrap_or(at);
        if occurred_at > at + AHEAD {
            return Err(CommandError::rejected(ActivityError::InFuture));
        }
        // A repeat of what was told in time is one, however late it comes.
        if occurred_at < at - self.told_within && self.day_of(DeedId::of(sender, &said.name)).await?.is_none()
        {
            return Err(CommandError::rejected(ActivityError::TooLate { days: self.told_within.num_days() }));
        }
        let Said { name, user, kind, object, target, quality, description, metadata, .. } = said;
        let subject = Subject::of(user);
        Ok(RecordActivity {
            deed: DeedId::of(sender, &name),
            user,
            kind,
            day: self.executor.store().load_fresh::<Settings>(user).await?.state.day_at(occurred_at),
            object: object.map(|object| ObjectId::of(sender, &object)),
            target: self.there(target).await?,
            quality,
            description: description.map(|text| Personal::new(subject, text)),
            metadata: metadata.map(|members| Personal::new(subject, members)),
            occurred_at,
            at,
        })
    }

    async fn there(&self, person: Option<UserId>) -> Result<Option<UserId>, CommandError> {
        let Some(person) = person else { return Ok(None) };
        let account = self.executor.store().load::<User>(person).await?.state;
        Ok(account.is_registered().then_some(person))
    }

    async fn repeated(&self, command: &RecordActivity) -> Result<Known, CommandError> {
        let (_, state) = self.day_of(command.deed).await?.ok_or(CommandError::NotFound)?;
        let before = state.known(command.deed).map(|(deed, _)| deed.clone());
        let before = before.ok_or(CommandError::NotFound)?;
        let same = (before.user, before.kind, before.object) == (command.user, command.kind, command.object);
        if !same {
            return Err(CommandError::rejected(ActivityError::DeedDiffers));
        }
        let position = self.executor.store().reader().head().await?;
        Ok(Known { deed: before, standing: DeedStanding::Repeated, position })
    }

    async fn reverse(&self, said: &Said, sender: &str, caller: &Caller) -> Result<Known, CommandError> {
        let deed = DeedId::of(sender, &said.name);
        let absent = || CommandError::rejected(ActivityError::DeedNotFound);
        let (day, _) = self.day_of(deed).await?.ok_or_else(absent)?;
        let reverse = ReverseActivity { deed, user: said.user, kind: said.kind, at: self.executor.now() };
        let unit = Unit::new().on::<Activity>(day, reverse).warranted(Warrant::Report);
        let done = self.executor.run_one::<Activity>(unit, &caller.unkeyed()).await?;
        known(&done, deed, DeedStanding::Reversed)
    }

    /// The stream on which a deed was recorded.
    async fn day_of(&self, deed: DeedId) -> Result<Option<(ActivityId, Activity)>, CommandError> {
        let store = self.executor.store();
        let Some(day) = store.claim_owner(ClaimKind::Deed, &deed.to_string()).await? else { return Ok(None) };
        let day = ActivityId::from_uuid(day);
        Ok(Some((day, store.load_fresh::<Activity>(day).await?.state)))
    }
}

fn present(account: &User) -> Result<(), Refusal> {
    if account.is_present() { Ok(()) } else { Err(Refusal::new(ActivityError::PersonNotFound)) }
}

fn known(done: &Done<Activity>, deed: DeedId, standing: DeedStanding) -> Result<Known, CommandError> {
    let (deed, _) = done.state.known(deed).ok_or_else(|| CommandError::internal("a deed without a trace"))?;
    Ok(Known { deed: deed.clone(), standing, position: done.receipt.position })
}
