//! A second reading of criteria, for tests: slow, plain, and with nothing in common with the first.

use super::*;
use crate::ids::ObjectId;
use chrono::{NaiveDate, TimeDelta};
use std::collections::BTreeSet;

/// A slow reading: everything is counted again from the list of facts, by code that knows nothing of tallies.
pub struct Slow<'a>(pub &'a [Fact]);

impl Slow<'_> {
    fn today(&self) -> NaiveDate {
        self.0.iter().map(|fact| fact.day).max().unwrap()
    }

    fn net(&self, sign: impl Fn(&Fact) -> i64) -> i64 {
        self.0.iter().map(sign).sum::<i64>().max(0)
    }

    fn did(&self, wanted: Action, on: impl Fn(NaiveDate) -> bool) -> i64 {
        self.net(|fact| match fact.what {
            FactKind::Did { action, undone, .. } if action == wanted && on(fact.day) => {
                1 - 2 * i64::from(undone)
            }
            _ => 0,
        })
    }

    fn received(&self, wanted: Action, from: impl Fn(ObjectId) -> bool) -> i64 {
        self.net(|fact| match fact.what {
            FactKind::Received { action, object, undone } if action == wanted && from(object) => {
                1 - 2 * i64::from(undone)
            }
            _ => 0,
        })
    }

    fn followers(&self, on: impl Fn(NaiveDate) -> bool) -> i64 {
        self.net(|fact| match fact.what {
            FactKind::Followers { gained } if on(fact.day) => 2 * i64::from(gained) - 1,
            _ => 0,
        })
    }

    fn last(&self, told: impl Fn(&FactKind) -> Option<i64>) -> Option<i64> {
        self.0.iter().rev().find_map(|fact| told(&fact.what))
    }

    /// The last so many days, one by one.
    fn days_back(&self, n: i64) -> Vec<NaiveDate> {
        (0..n).map(|back| self.today() - TimeDelta::days(back)).collect()
    }

    fn field(&self, field: Field) -> Option<i64> {
        let ever = |_| true;
        let month = self.days_back(30);
        let lately = |day| month.contains(&day);
        let engaged: i64 = [Action::Like, Action::Comment, Action::Share]
            .map(|action| self.did(action, lately))
            .iter()
            .sum();
        let active = month.iter().filter(|day| self.did(Action::Login, |on| on == **day) > 0).count();
        let active = i64::try_from(active).unwrap();
        let objects: BTreeSet<ObjectId> = self
            .0
            .iter()
            .filter_map(|fact| match fact.what {
                FactKind::Received { object, .. } => Some(object),
                _ => None,
            })
            .collect();
        Some(match field.name() {
            "posts_count" => self.did(Action::PostCreate, ever),
            "comments_count" => self.did(Action::Comment, ever),
            "shares_count" => self.did(Action::Share, ever),
            "likes_given" => self.did(Action::Like, ever),
            "likes_received" => self.received(Action::Like, |_| true),
            "likes_received_max" => objects
                .iter()
                .map(|one| self.received(Action::Like, |other| other == *one))
                .max()
                .unwrap_or(0),
            "reviews_count" => self.did(Action::Review, ever),
            "helpful_votes" => self.received(Action::HelpfulVote, |_| true),
            "bugs_verified" => self.did(Action::BugVerified, ever),
            "beta_joined" => i64::from(self.did(Action::BetaJoined, ever) > 0),
            "follower_count" => self.followers(ever),
            "following_count" => self.did(Action::Follow, ever),
            "active_days" => self.did(Action::Login, ever),
            "registration_ordinal" => self.last(|what| match what {
                FactKind::Registered { ordinal } => i64::try_from(*ordinal).ok(),
                _ => None,
            })?,
            "is_moderator" => self.flag(|what| matches!(what, FactKind::Moderates(true)), "moderates"),
            "is_verified" => self.flag(|what| matches!(what, FactKind::Verified(true)), "verified"),
            "is_profile_complete" => {
                self.flag(|what| matches!(what, FactKind::ProfileComplete(true)), "complete")
            }
            "engagement_score" => {
                let posts = self.did(Action::PostCreate, lately).min(20);
                let gained = self.followers(lately).min(20);
                (80 * active + 18 * engaged.min(100) + 60 * posts + 30 * gained).div_euclid(60)
            }
            "interaction_frequency" => engaged.checked_div(active).unwrap_or(0),
            other => panic!("{other} is not read slowly"),
        })
    }

    fn flag(&self, on: impl Fn(&FactKind) -> bool, group: &str) -> i64 {
        let of_group = |what: &FactKind| match (what, group) {
            (FactKind::Moderates(_), "moderates")
            | (FactKind::Verified(_), "verified")
            | (FactKind::ProfileComplete(_), "complete") => Some(i64::from(on(what))),
            _ => None,
        };
        self.last(of_group).unwrap_or(0)
    }

    fn streak(&self, action: Action, days: i64) -> bool {
        let kept = self.days_back(366);
        let did = |day: &NaiveDate| self.did(action, |on| on == *day) > 0;
        kept.windows(usize::try_from(days).unwrap()).any(|run| run.iter().all(did))
    }

    fn compares(&self, Requirement { field, operator, value }: &Requirement) -> bool {
        self.field(*field).is_some_and(|now| match operator.name() {
            ">=" => now >= *value,
            "<=" => now <= *value,
            _ => now == *value,
        })
    }

    pub fn holds(&self, criterion: &Criterion) -> bool {
        match &criterion.rule {
            Rule::Counter { field, threshold } => self.field(*field).is_some_and(|now| now >= *threshold),
            Rule::ConsecutiveDays { action, days } => self.streak(*action, *days),
            Rule::MultiCriteria { requirements, logic: Logic::And } => {
                requirements.iter().all(|requirement| self.compares(requirement))
            }
            Rule::MultiCriteria { requirements, logic: Logic::Or } => {
                requirements.iter().any(|requirement| self.compares(requirement))
            }
            Rule::EventBased { event_type, count, quality_threshold } => {
                let counts = |quality: Option<Quality>| match (quality_threshold, quality) {
                    (None, _) => true,
                    (Some(least), Some(quality)) => quality.tenths() >= least.tenths(),
                    (Some(_), None) => false,
                };
                let done = self.net(|fact| match fact.what {
                    FactKind::Did { action, quality, undone } if action == *event_type && counts(quality) => {
                        1 - 2 * i64::from(undone)
                    }
                    _ => 0,
                });
                done >= *count
            }
            Rule::SocialInteraction { interactions, min_count, timeframe } => {
                let window = match timeframe.name() {
                    "all_time" => None,
                    name => Some(self.days_back(name.trim_end_matches('d').parse().unwrap())),
                };
                let counts = |day| window.as_ref().is_none_or(|days| days.contains(&day));
                interactions.iter().map(|action| self.did(*action, counts)).sum::<i64>() >= *min_count
            }
        }
    }

    /// The position at which it was asked and held.
    pub fn earned(facts: &[Fact], criterion: &Criterion) -> Option<u64> {
        let found = facts.iter().enumerate().find(|(n, fact)| {
            let moved = fields(&criterion.rule).iter().any(|asked| asks_of(asked, &fact.what));
            moved && Slow(&facts[..=*n]).holds(criterion)
        });
        found.map(|(_, fact)| fact.position)
    }
}

/// The names of what a rule asks about.
fn fields(rule: &Rule) -> Vec<&'static str> {
    match rule {
        Rule::Counter { field, .. } => vec![field.name()],
        Rule::ConsecutiveDays { action, .. } | Rule::EventBased { event_type: action, .. } => {
            vec![action.name()]
        }
        Rule::MultiCriteria { requirements, .. } => requirements.iter().map(|one| one.field.name()).collect(),
        Rule::SocialInteraction { interactions, .. } => interactions.iter().map(|one| one.name()).collect(),
    }
}

fn asks_of(asked: &str, what: &FactKind) -> bool {
    let told: &[&str] = match what {
        FactKind::Did { action, .. } => match action.name() {
            "login" => &["login", "active_days", "engagement_score", "interaction_frequency"],
            "post_create" => &["post_create", "posts_count", "engagement_score"],
            "comment" => &["comment", "comments_count", "engagement_score", "interaction_frequency"],
            "share" => &["share", "shares_count", "engagement_score", "interaction_frequency"],
            "like" => &["like", "likes_given", "engagement_score", "interaction_frequency"],
            "review" => &["review", "reviews_count"],
            "helpful_vote" => &["helpful_vote"],
            "bug_verified" => &["bug_verified", "bugs_verified"],
            "beta_joined" => &["beta_joined"],
            _ => &["follow", "following_count"],
        },
        FactKind::Received { action: Action::Like, .. } => &["likes_received", "likes_received_max"],
        FactKind::Received { action: Action::HelpfulVote, .. } => &["helpful_votes"],
        FactKind::Received { .. } => &[],
        FactKind::Followers { .. } => &["follower_count", "engagement_score"],
        FactKind::Registered { .. } => &["registration_ordinal"],
        FactKind::Moderates(_) => &["is_moderator"],
        FactKind::Verified(_) => &["is_verified"],
        FactKind::ProfileComplete(_) => &["is_profile_complete"],
    };
    told.contains(&asked)
}
