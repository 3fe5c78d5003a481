//! Progress of a person, and the next step, for every type of criterion (BDG-03).

use super::{
    field::Field,
    rule::{Criterion, Requirement, Rule},
    tally::Tally,
    words::{Action, Logic, Operator, Quality, Timeframe},
};
use serde::{Deserialize, Serialize};

/// How far somebody is. Stored with an award: **frozen**.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    /// 0 to 100, rounded down: 100 if and only if the criterion holds.
    /// Of requirements that all have to be met, the one that is furthest from it; of alternatives, the nearest.
    pub percent: u8,
    /// Parts that are met.
    pub met: u32,
    /// Parts that it takes: all of them or, of alternatives, one.
    pub total: u32,
    pub parts: Vec<Part>,
    /// What is missing to the nearest part that is not met: "Need 25 more posts". None once it holds.
    pub next_milestone: Option<String>,
}

/// One number that is compared.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    /// A field or an action; interactions that are counted together are joined by `+`.
    pub name: String,
    pub operator: Operator,
    pub current: i64,
    pub target: i64,
    /// 0 to 100, rounded down: 100 if and only if it is met.
    pub percent: u8,
    pub met: bool,
}

/// A part, and what is missing to it in words.
struct Step {
    part: Part,
    missing: Option<String>,
}

impl Criterion {
    /// Whether the tally meets it, whoever asks and whenever. When it is asked is said in [the module](super).
    pub fn holds(&self, tally: &Tally) -> bool {
        match &self.rule {
            Rule::Counter { field, threshold } => at_least(*field, *threshold).is_met(tally),
            Rule::ConsecutiveDays { action, days } => tally.runs(*action).0 >= *days,
            Rule::EventBased { event_type, count, quality_threshold } => {
                done(*event_type, *quality_threshold, tally) >= *count
            }
            Rule::SocialInteraction { interactions, min_count, timeframe } => {
                together(interactions, *timeframe, tally) >= *min_count
            }
            Rule::MultiCriteria { requirements, logic: Logic::And } => {
                requirements.iter().all(|requirement| requirement.is_met(tally))
            }
            Rule::MultiCriteria { requirements, logic: Logic::Or } => {
                requirements.iter().any(|requirement| requirement.is_met(tally))
            }
        }
    }

    /// How far the tally is, one part for each thing that is compared.
    pub fn progress(&self, tally: &Tally) -> Progress {
        match &self.rule {
            Rule::Counter { field, threshold } => of_all(vec![compared(at_least(*field, *threshold), tally)]),
            Rule::ConsecutiveDays { action, days } => of_all(vec![streak(*action, *days, tally)]),
            Rule::EventBased { event_type, count, quality_threshold } => {
                of_all(vec![events(*event_type, *count, *quality_threshold, tally)])
            }
            Rule::SocialInteraction { interactions, min_count, timeframe } => {
                of_all(vec![interacted(interactions, *min_count, *timeframe, tally)])
            }
            Rule::MultiCriteria { requirements, logic } => {
                let steps = requirements.iter().map(|requirement| compared(*requirement, tally)).collect();
                match logic {
                    Logic::And => of_all(steps),
                    Logic::Or => of_one(steps),
                }
            }
        }
    }
}

impl Requirement {
    pub(super) fn is_met(&self, tally: &Tally) -> bool {
        tally.value(self.field).is_some_and(|current| self.operator.holds(current, self.value))
    }
}

const fn at_least(field: Field, value: i64) -> Requirement {
    Requirement { field, operator: Operator::AtLeast, value }
}

fn done(action: Action, quality: Option<Quality>, tally: &Tally) -> i64 {
    quality.map_or_else(|| tally.total(action), |least| tally.rated(action, least))
}

fn together(actions: &[Action], timeframe: Timeframe, tally: &Tally) -> i64 {
    let count = |action: &Action| match timeframe.days() {
        None => tally.total(*action),
        Some(days) => tally.within(*action, days),
    };
    actions.iter().map(count).sum()
}

fn of_all(steps: Vec<Step>) -> Progress {
    let percent = steps.iter().map(|step| step.part.percent).min().unwrap_or(0);
    let total = u32::try_from(steps.len()).unwrap_or(u32::MAX);
    gathered(steps, percent, total)
}

fn of_one(steps: Vec<Step>) -> Progress {
    let percent = steps.iter().map(|step| step.part.percent).max().unwrap_or(0);
    gathered(steps, percent, 1)
}

fn gathered(steps: Vec<Step>, percent: u8, total: u32) -> Progress {
    let met = steps.iter().filter(|step| step.part.met).count();
    let met = u32::try_from(met).unwrap_or(u32::MAX).min(total);
    // The first of those that are equally near.
    let nearest = steps.iter().rev().filter(|step| !step.part.met).max_by_key(|step| step.part.percent);
    let next_milestone = nearest.filter(|_| percent < 100).and_then(|step| step.missing.clone());
    Progress { percent, met, total, next_milestone, parts: steps.into_iter().map(|step| step.part).collect() }
}

impl Part {
    fn new(name: String, operator: Operator, current: i64, target: i64, met: bool) -> Self {
        let percent = match operator {
            _ if met => 100,
            // More is not nearer to something that it is already beyond.
            Operator::AtLeast | Operator::Equal if (0..target).contains(&current) => {
                u8::try_from(i128::from(current) * 100 / i128::from(target)).unwrap_or(0)
            }
            Operator::AtLeast | Operator::Equal | Operator::AtMost => 0,
        };
        Self { name, operator, current, target, percent, met }
    }

    fn reaching(name: String, current: i64, target: i64) -> Self {
        Self::new(name, Operator::AtLeast, current, target, current >= target)
    }

    /// How many it is short of its target.
    const fn short_of(&self) -> i64 {
        self.target.saturating_sub(self.current)
    }
}

fn compared(requirement: Requirement, tally: &Tally) -> Step {
    let Requirement { field, operator, value } = requirement;
    let met = requirement.is_met(tally);
    let current = tally.value(field).unwrap_or(0);
    let part = Part::new(field.name().to_owned(), operator, current, value, met);
    let missing = (!met).then(|| missing(requirement, &part));
    Step { part, missing }
}

fn missing(Requirement { field, operator, value }: Requirement, part: &Part) -> String {
    match (field, operator) {
        (Field::RegistrationOrdinal, Operator::AtMost) => {
            format!("Need to be among the first {value} to register")
        }
        (_, Operator::AtLeast) => field.need(part.short_of()),
        (_, Operator::Equal) if part.current < value => field.need(part.short_of()),
        (_, Operator::Equal) => format!("Need {field} to be {value} again"),
        (_, Operator::AtMost) => format!("Need {field} to be at most {value}"),
    }
}

fn streak(action: Action, days: i64, tally: &Tally) -> Step {
    let (longest, live) = tally.runs(action);
    // A run that is over does not grow: what is told is the one that does.
    let current = if longest >= days { longest } else { live };
    let part = Part::reaching(action.name().to_owned(), current, days);
    let short = part.short_of();
    let day = if short == 1 { "day" } else { "days" };
    let missing = match action {
        Action::Login => format!("Need {short} more active {day} in a row"),
        Action::PostCreate
        | Action::Comment
        | Action::Share
        | Action::Like
        | Action::Review
        | Action::HelpfulVote
        | Action::BugVerified
        | Action::BetaJoined
        | Action::Follow => format!("Need {short} more {day} in a row with {}", action.noun(2)),
    };
    Step { missing: (!part.met).then_some(missing), part }
}

fn events(action: Action, count: i64, quality: Option<Quality>, tally: &Tally) -> Step {
    let part = Part::reaching(action.name().to_owned(), done(action, quality, tally), count);
    let rated = quality.map(|least| format!(" rated {least} or better")).unwrap_or_default();
    let missing = format!("Need {} more {}{rated}", part.short_of(), action.noun(part.short_of()));
    Step { missing: (!part.met).then_some(missing), part }
}

fn interacted(actions: &[Action], least: i64, timeframe: Timeframe, tally: &Tally) -> Step {
    let names: Vec<_> = actions.iter().map(|action| action.name()).collect();
    let part = Part::reaching(names.join("+"), together(actions, timeframe, tally), least);
    let nouns: Vec<_> = actions.iter().map(|action| action.noun(part.short_of())).collect();
    let within = match timeframe.days() {
        None => String::new(),
        Some(1) => " within one day".to_owned(),
        Some(days) => format!(" within {days} days"),
    };
    let missing = format!("Need {} more {}{within}", part.short_of(), either(&nouns));
    Step { missing: (!part.met).then_some(missing), part }
}

/// "likes, comments or shares".
fn either(nouns: &[&str]) -> String {
    match nouns {
        [rest @ .., last] if !rest.is_empty() => format!("{} or {last}", rest.join(", ")),
        _ => nouns.join(""),
    }
}
