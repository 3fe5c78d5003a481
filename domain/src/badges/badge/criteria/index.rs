//! Which badges a fact can move, whatever number of others there are (BDG-23).

use super::{
    fact::{FactKind, Trigger},
    rule::Criterion,
};
use crate::ids::BadgeId;
use std::collections::BTreeMap;

/// The criteria of badges, by what moves them. What a fact costs depends on the badges that it moves, not on the others.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Index {
    criteria: BTreeMap<BadgeId, Criterion>,
    /// At most one entry for each kind of trigger, of which there are a few dozen.
    moved: BTreeMap<Trigger, Vec<BadgeId>>,
}

impl Index {
    /// Adds a badge, or replaces its criterion.
    pub fn insert(&mut self, badge: BadgeId, criterion: Criterion) {
        self.remove(badge);
        for trigger in criterion.triggers() {
            let badges = self.moved.entry(trigger).or_default();
            if let Err(at) = badges.binary_search(&badge) {
                badges.insert(at, badge);
            }
        }
        self.criteria.insert(badge, criterion);
    }

    /// Takes a badge out, if it is there.
    pub fn remove(&mut self, badge: BadgeId) -> Option<Criterion> {
        let criterion = self.criteria.remove(&badge)?;
        for trigger in criterion.triggers() {
            if let Some(badges) = self.moved.get_mut(&trigger) {
                badges.retain(|other| *other != badge);
            }
        }
        Some(criterion)
    }

    pub fn get(&self, badge: BadgeId) -> Option<&Criterion> {
        self.criteria.get(&badge)
    }

    /// Every badge, by id.
    pub fn iter(&self) -> impl Iterator<Item = (BadgeId, &Criterion)> {
        self.criteria.iter().map(|(badge, criterion)| (*badge, criterion))
    }

    /// The badges that such a fact can move, by id.
    pub fn moved_by(&self, what: &FactKind) -> impl Iterator<Item = (BadgeId, &Criterion)> {
        let badges = self.moved.get(&what.trigger()).map(Vec::as_slice).unwrap_or_default();
        badges.iter().filter_map(|badge| Some((*badge, self.criteria.get(badge)?)))
    }
}

impl FromIterator<(BadgeId, Criterion)> for Index {
    fn from_iter<I: IntoIterator<Item = (BadgeId, Criterion)>>(badges: I) -> Self {
        badges.into_iter().fold(Self::default(), |mut index, (badge, criterion)| {
            index.insert(badge, criterion);
            index
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::badge::criteria::{Action, Field, Rule};
    use uuid::Uuid;

    fn badge(n: u128) -> BadgeId {
        BadgeId::from_uuid(Uuid::from_u128(n))
    }

    fn counter(field: Field, threshold: i64) -> Criterion {
        Criterion { rule: Rule::Counter { field, threshold }, description: None }
    }

    const fn did(action: Action) -> FactKind {
        FactKind::Did { action, quality: None, undone: false }
    }

    #[test]
    fn fact_reaches_only_the_badges_that_it_moves_among_a_thousand() {
        let others = (0..1_000).map(|n| (badge(n), counter(Field::LikesGiven, 1)));
        let index: Index = others.chain([(badge(5_000), counter(Field::PostsCount, 10))]).collect();

        let moved: Vec<_> = index.moved_by(&did(Action::PostCreate)).map(|(badge, _)| badge).collect();

        assert_eq!(moved, [badge(5_000)]);
        assert_eq!(index.moved_by(&did(Action::Review)).count(), 0);
        assert!(index.moved.len() <= Action::ALL.len(), "one entry for each trigger");
    }

    #[test]
    fn revised_criterion_is_moved_by_what_it_asks_for_now() {
        let mut index: Index = [(badge(1), counter(Field::PostsCount, 10))].into_iter().collect();

        index.insert(badge(1), counter(Field::EngagementScore, 80));

        assert_eq!(index.moved_by(&did(Action::Login)).count(), 1);
        assert_eq!(index.moved_by(&did(Action::PostCreate)).count(), 1, "posts count for the score, once");
        assert_eq!(index.moved_by(&did(Action::Review)).count(), 0);
        index.remove(badge(1));
        assert_eq!(index.moved_by(&did(Action::Login)).count() + index.iter().count(), 0);
    }

    /// What moves a criterion and what the index finds are the same.
    #[test]
    fn index_agrees_with_each_criterion() {
        let index: Index = Field::ALL.iter().zip(0..).map(|(f, n)| (badge(n), counter(*f, 1))).collect();
        for action in Action::ALL {
            let moved: Vec<_> = index.moved_by(&did(*action)).map(|(badge, _)| badge).collect();
            let asked = index.iter().filter(|(_, c)| c.moved_by(&did(*action))).map(|(badge, _)| badge);
            assert_eq!(moved, asked.collect::<Vec<_>>(), "{action}");
        }
    }
}
