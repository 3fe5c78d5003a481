//! When a badge was earned and by which events: found by folding the facts of a person again.

use super::{
    days::{KEPT_DAYS, is_within},
    fact::{Fact, FactKind, Trigger},
    field::{Field, SCORE_DAYS},
    progress::Progress,
    rule::{Criterion, Rule},
    tally::Tally,
    words::{Action, Logic, Quality},
};
use crate::badge::Availability;
use chrono::{DateTime, NaiveDate, Utc};
use std::collections::{BTreeMap, BTreeSet};

/// Positions that are kept as evidence: the last so many.
pub const MAX_EVIDENCE: usize = 1_000;

/// A criterion that came to hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Earned {
    /// Of the fact that completed it.
    pub position: u64,
    /// When all that earned it had happened: a service may tell late of what was before, and nothing is earned before the
    /// latest of what made it so.
    pub at: DateTime<Utc>,
    /// Positions of the events that made it so, ascending: for a counter the deeds that count, for a streak the first
    /// of each of its days, for a window those inside it, for several requirements all of theirs, for alternatives those
    /// of the ones that are met. At most [`MAX_EVIDENCE`], then the last.
    pub evidence: Vec<u64>,
    /// How many there are in all.
    pub evidence_total: u64,
    pub as_it_was: Progress,
}

impl Criterion {
    /// The first fact after which it was asked and held; none if it never did. `facts` are one person's, all of them
    /// and in the order of the log.
    pub fn first_earned(&self, facts: impl IntoIterator<Item = Fact>) -> Option<Earned> {
        self.first_earned_within(facts, Availability::default())
    }

    /// As [`Self::first_earned`], asked only after facts that happened while the badge was to be had, and earned only if
    /// all that made it so had happened by its end.
    pub fn first_earned_within(
        &self,
        facts: impl IntoIterator<Item = Fact>,
        available: Availability,
    ) -> Option<Earned> {
        let triggers = self.triggers();
        let mut tally = Tally::default();
        let mut seen = Vec::new();
        for fact in facts {
            tally.apply(&fact);
            if !triggers.contains(&fact.what.trigger()) {
                continue;
            }
            seen.push(fact);
            if available.contains(fact.at) && self.holds(&tally) {
                let as_of = tally.as_of().unwrap_or(fact.day);
                let told = Seen { facts: seen, as_of };
                let all = self.made_of(&told, &tally);
                let at = told.latest_of(&all).max(fact.at);
                if !available.contains(at) {
                    seen = told.facts;
                    continue;
                }
                let as_it_was = self.progress(&tally);
                let evidence_total = u64::try_from(all.len()).unwrap_or(u64::MAX);
                let evidence = all.iter().copied().skip(all.len().saturating_sub(MAX_EVIDENCE)).collect();
                return Some(Earned { position: fact.position, at, evidence, evidence_total, as_it_was });
            }
        }
        None
    }

    fn made_of(&self, seen: &Seen, tally: &Tally) -> BTreeSet<u64> {
        match &self.rule {
            Rule::Counter { field, .. } => seen.of_field(*field),
            Rule::ConsecutiveDays { action, .. } => seen.longest_run(*action),
            Rule::EventBased { event_type, quality_threshold, .. } => {
                positions(seen.deeds(*event_type, *quality_threshold))
            }
            Rule::SocialInteraction { interactions, timeframe, .. } => {
                let deeds = interactions.iter().flat_map(|action| seen.deeds(*action, None));
                match timeframe.days() {
                    None => positions(deeds),
                    Some(days) => positions(deeds.filter(|fact| is_within(fact.day, seen.as_of, days))),
                }
            }
            Rule::MultiCriteria { requirements, logic } => requirements
                .iter()
                .filter(|requirement| *logic == Logic::And || requirement.is_met(tally))
                .flat_map(|requirement| seen.of_field(requirement.field))
                .collect(),
        }
    }
}

fn positions(facts: impl IntoIterator<Item = Fact>) -> BTreeSet<u64> {
    facts.into_iter().map(|fact| fact.position).collect()
}

/// What was told so far, as far as it can matter.
struct Seen {
    facts: Vec<Fact>,
    as_of: NaiveDate,
}

impl Seen {
    /// When the last of these events happened.
    fn latest_of(&self, positions: &BTreeSet<u64>) -> DateTime<Utc> {
        let of = self.facts.iter().filter(|fact| positions.contains(&fact.position));
        of.map(|fact| fact.at).max().unwrap_or(DateTime::<Utc>::MIN_UTC)
    }

    /// What was not taken back. `key` says of a fact what it is one of, and whether it takes one of that back.
    fn standing<K: PartialEq>(&self, key: impl Fn(&Fact) -> Option<(K, bool)>) -> Vec<Fact> {
        let mut standing: Vec<(K, Fact)> = Vec::new();
        for fact in &self.facts {
            match key(fact) {
                Some((key, false)) => standing.push((key, *fact)),
                Some((key, true)) => {
                    if let Some(at) = standing.iter().rposition(|(other, _)| *other == key) {
                        standing.remove(at);
                    }
                }
                None => {}
            }
        }
        standing.into_iter().map(|(_, fact)| fact).collect()
    }

    /// Deeds of an action, of at least that quality where one is asked for.
    fn deeds(&self, wanted: Action, least: Option<Quality>) -> Vec<Fact> {
        self.standing(|fact| match fact.what {
            FactKind::Did { action, quality, undone }
                if action == wanted && least.is_none_or(|least| quality >= Some(least)) =>
            {
                Some(((fact.day, least.and(quality)), undone))
            }
            _ => None,
        })
    }

    fn received(&self, wanted: Action) -> Vec<Fact> {
        self.standing(|fact| match fact.what {
            FactKind::Received { action, object, undone } if action == wanted => Some((object, undone)),
            _ => None,
        })
    }

    fn followers(&self) -> Vec<Fact> {
        self.standing(|fact| match fact.what {
            FactKind::Followers { gained } => Some((fact.day, !gained)),
            _ => None,
        })
    }

    fn longest_run(&self, action: Action) -> BTreeSet<u64> {
        let mut first_of_day = BTreeMap::new();
        for fact in self.deeds(action, None) {
            if is_within(fact.day, self.as_of, KEPT_DAYS) {
                first_of_day.entry(fact.day).or_insert(fact.position);
            }
        }
        let (mut longest, mut run) = (Vec::new(), Vec::new());
        let mut before: Option<NaiveDate> = None;
        for (day, position) in first_of_day {
            if before.and_then(|before| before.succ_opt()) != Some(day) {
                run.clear();
            }
            run.push(position);
            if run.len() >= longest.len() {
                longest.clone_from(&run);
            }
            before = Some(day);
        }
        longest.into_iter().collect()
    }

    /// The events that make a field what it is.
    fn of_field(&self, field: Field) -> BTreeSet<u64> {
        match field {
            Field::LikesReceived => positions(self.received(Action::Like)),
            Field::LikesReceivedMax => self.most_liked(),
            Field::HelpfulVotes => positions(self.received(Action::HelpfulVote)),
            Field::FollowerCount => positions(self.followers()),
            Field::RegistrationOrdinal => self.latest(Trigger::Registered),
            Field::IsModerator => self.latest(Trigger::Moderates),
            Field::IsVerified => self.latest(Trigger::Verified),
            Field::IsProfileComplete => self.latest(Trigger::ProfileComplete),
            Field::EngagementScore => {
                let deeds = self.scored().chain(self.deeds(Action::PostCreate, None)).chain(self.followers());
                self.in_score(deeds)
            }
            Field::InteractionFrequency => self.in_score(self.scored()),
            Field::PostsCount
            | Field::CommentsCount
            | Field::SharesCount
            | Field::LikesGiven
            | Field::ReviewsCount
            | Field::BugsVerified
            | Field::BetaJoined
            | Field::FollowingCount
            | Field::ActiveDays => {
                positions(field.counted().into_iter().flat_map(|action| self.deeds(action, None)))
            }
        }
    }

    fn scored(&self) -> impl Iterator<Item = Fact> {
        let engaging = Action::ENGAGING.iter().flat_map(|action| self.deeds(*action, None));
        engaging.chain(self.deeds(Action::Login, None))
    }

    fn in_score(&self, facts: impl Iterator<Item = Fact>) -> BTreeSet<u64> {
        positions(facts.filter(|fact| is_within(fact.day, self.as_of, SCORE_DAYS)))
    }

    /// The likes of the object that has most; of several, of the one that was liked last.
    fn most_liked(&self) -> BTreeSet<u64> {
        let mut by_object: BTreeMap<_, BTreeSet<u64>> = BTreeMap::new();
        for fact in self.received(Action::Like) {
            if let FactKind::Received { object, .. } = fact.what {
                by_object.entry(object).or_default().insert(fact.position);
            }
        }
        let most = by_object.into_values().max_by_key(|likes| (likes.len(), likes.last().copied()));
        most.unwrap_or_default()
    }

    /// What was told last of something that is so or not.
    fn latest(&self, trigger: Trigger) -> BTreeSet<u64> {
        let told = self.facts.iter().rev().find(|fact| fact.what.trigger() == trigger);
        positions(told.copied())
    }
}
