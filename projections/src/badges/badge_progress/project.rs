//! Writes of `badge_progress`: facts are taken in one by one, and after each the badges are asked that it can move.

use super::{
    close,
    facts::{Told, matters, told},
    offers::Offers,
    rows::{self, Changes, EarnedRow, EligibleRow, FactRow, TallyRow},
    world::{Numbers, World},
};
use crate::{
    batch::Batch,
    envelope::Envelope,
    projection::{Name, Projection, ProjectionError},
    registry::BADGE_PROGRESS,
};
use async_trait::async_trait;
use chrono::NaiveDate;
use domain::{BadgeId, UserId, badge::criteria::Fact, calendar::CalendarEvent};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, PoisonError},
};
use uuid::Uuid;

#[derive(Default)]
pub(crate) struct BadgeProgress {
    known: Mutex<Option<Known>>,
}

/// What the tables say of everybody, as it is after all events up to a position: what the log makes it, whoever has
/// written it.
#[derive(Clone)]
struct Known {
    position: i64,
    numbers: Numbers,
    /// All definitions.
    offers: Arc<Offers>,
}

impl Known {
    async fn load(batch: &mut Batch<'_>) -> Result<Self, ProjectionError> {
        let (numbers, offers) = (Numbers::load(batch).await?, Arc::new(Offers::load(batch).await?));
        Ok(Self { position: batch.from, numbers, offers })
    }
}

#[async_trait]
impl Projection for BadgeProgress {
    fn name(&self) -> Name {
        BADGE_PROGRESS
    }

    fn tables(&self) -> &'static str {
        include_str!("tables.sql")
    }

    /// Ids, words of the program, times and numbers only.
    fn is_in_clear(&self) -> bool {
        false
    }

    /// The ordinal of a person and the current criterion depend on other streams, so everything goes in order.
    fn key(&self, _event: &Envelope) -> String {
        "badges".to_owned()
    }

    async fn apply(&self, batch: &mut Batch<'_>, events: &[&Envelope]) -> Result<(), ProjectionError> {
        let remembered = self.known.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let mut known = match remembered.filter(|known| known.position == batch.from) {
            Some(known) => known,
            None => Known::load(batch).await?,
        };
        known.position = batch.to;
        let events: Vec<&Envelope> =
            events.iter().copied().filter(|envelope| matters(&envelope.event)).collect();
        // A day is closed over what was before it.
        for until_close in events.split_inclusive(|envelope| closed(envelope).is_some()) {
            take_in(batch, &mut known, until_close).await?;
            if let Some(day) = until_close.last().and_then(|envelope| closed(envelope)) {
                close::close(batch, day).await?;
                known.numbers.close(day);
            }
        }
        *self.known.lock().unwrap_or_else(PoisonError::into_inner) = Some(known);
        Ok(())
    }
}

/// The day that the event closes.
const fn closed(envelope: &Envelope) -> Option<NaiveDate> {
    match envelope.event.calendar() {
        Some(CalendarEvent::DayClosed(e)) => Some(e.day),
        None => None,
    }
}

async fn take_in(
    batch: &mut Batch<'_>,
    known: &mut Known,
    events: &[&Envelope],
) -> Result<(), ProjectionError> {
    let mut world = World::load(batch, known.numbers, events).await?;
    let mut steps = Vec::with_capacity(events.len());
    for envelope in events {
        steps.push(Step { envelope, told: told(envelope, &mut world)? });
    }
    let mut people = People::load(batch, &steps, &known.offers).await?;
    let mut changes = Changes::default();
    for step in &steps {
        let position = step.envelope.recorded.position;
        if let Some(event) = step.envelope.event.badge() {
            world.numbers.defined = position;
            let badge = BadgeId::from_uuid(step.envelope.stream_id()?);
            changes.criteria.retain(|row| row.badge_id != badge);
            changes.criteria.push(Arc::make_mut(&mut known.offers).evolve(badge, event)?);
        }
        let mut taken = Taken { position, count: 0, eligible: 0 };
        for (user, fact) in &step.told {
            people.take(*user, fact, &known.offers, &mut taken, &mut changes);
        }
        changes.erased.extend(step.envelope.erased());
    }
    people.finish(world.numbers.closed, &mut changes);
    known.numbers = world.numbers;
    rows::store(batch, world.changed(), changes).await
}

struct Step<'a> {
    envelope: &'a Envelope,
    told: Told,
}

/// How far an event's facts are taken in.
struct Taken {
    position: i64,
    count: usize,
    eligible: usize,
}

/// The people whom a batch touches.
struct People {
    tallies: BTreeMap<UserId, TallyRow>,
    earned: BTreeMap<(UserId, BadgeId), u32>,
}

impl People {
    async fn load(
        batch: &mut Batch<'_>,
        steps: &[Step<'_>],
        offers: &Offers,
    ) -> Result<Self, ProjectionError> {
        let users: BTreeSet<Uuid> =
            steps.iter().flat_map(|step| &step.told).map(|(user, _)| user.uuid()).collect();
        let facts = steps.iter().flat_map(|step| &step.told).map(|(_, fact)| fact);
        let moved = facts.flat_map(|fact| offers.index().moved_by(&fact.what)).map(|(badge, _)| badge.uuid());
        // Those too that the batch itself defines or revises.
        let defined = steps.iter().filter(|step| step.envelope.event.badge().is_some());
        let defined = defined.map(|step| step.envelope.stream_id()).collect::<Result<Vec<_>, _>>()?;
        let badges: BTreeSet<Uuid> = moved.chain(defined).collect();
        let (users, badges): (Vec<_>, Vec<_>) = (users.into_iter().collect(), badges.into_iter().collect());
        let (tallies, earned) = rows::people(batch, &users, &badges).await?;
        Ok(Self {
            tallies: tallies.into_iter().map(|row| (row.user_id, row)).collect(),
            earned: earned.into_iter().map(|row| ((row.user_id, row.badge_id), row.version)).collect(),
        })
    }

    fn take(&mut self, user: UserId, fact: &Fact, offers: &Offers, taken: &mut Taken, changes: &mut Changes) {
        let row = self.tallies.entry(user).or_insert_with(|| TallyRow::of(user));
        if row.erased {
            return;
        }
        row.tally.apply(fact);
        changes.facts.push(FactRow::new(user, taken.count, fact));
        taken.count += 1;
        for (badge_id, criterion) in offers.index().moved_by(&fact.what) {
            let Some(offer) = offers.get(badge_id) else { continue };
            let asked = self.earned.get(&(user, badge_id)) != Some(&offer.version)
                && offer.availability().contains(fact.at);
            if asked && criterion.holds(&row.tally) {
                self.earned.insert((user, badge_id), offer.version);
                let (version, position, n) = (offer.version, taken.position, taken.eligible);
                taken.eligible += 1;
                changes.earned.push(EarnedRow { user_id: user, badge_id, version });
                changes.eligible.push(EligibleRow { position, n, user_id: user, badge_id, version });
            }
        }
    }

    /// The tallies as they are now. Of the erased nothing stays but that they are.
    fn finish(self, closed: Option<NaiveDate>, changes: &mut Changes) {
        let erased: BTreeSet<UserId> = changes.erased.iter().copied().map(UserId::from_uuid).collect();
        changes.facts.retain(|row| !erased.contains(&UserId::from_uuid(row.user_id)));
        changes.earned.retain(|row| !erased.contains(&row.user_id));
        changes.eligible.retain(|row| !erased.contains(&row.user_id));
        // One row a key, with the last version.
        let last: BTreeMap<_, _> =
            changes.earned.iter().map(|row| ((row.user_id, row.badge_id), *row)).collect();
        changes.earned = last.into_values().collect();
        let mut tallies = self.tallies;
        for user in erased {
            tallies.insert(user, TallyRow { erased: true, ..TallyRow::of(user) });
        }
        changes.tallies = tallies.into_values().map(|row| row.numbered(closed)).collect();
    }
}
