//! A badge from its definition to its end, and an award of it.

use crate::{
    story::{at, stream},
    world::World,
};
use annals_tests::samples::{self, event, noon, random};
use domain::{
    AwardId, BadgeId, Decide, Subject, UserId,
    award::{Award, AwardBadge, AwardCommand, AwardEvent, Awarder, LiftRevocation, NoteAward, RevokeBadge},
    badge::{
        ActivateBadge, Badge, BadgeCommand, BadgeEvent, BadgePatch, DefineBadge, NewBadge, RetireBadge,
        ReviseBadge, catalogue::catalogue,
    },
    profile::FeaturedBadgesChanged,
    values::{AwardNote, RevocationReason},
};

/// What the commands decide, one after the other.
fn decided<A>(commands: Vec<A::Command>) -> (A, Vec<A::Event>)
where
    A: domain::EventSourced<Command: Decide<A>>,
{
    let (mut state, mut log) = (A::default(), Vec::new());
    for command in commands {
        for event in command.decide(&state).unwrap() {
            state.apply(event.clone());
            log.push(event);
        }
    }
    (state, log)
}

impl World {
    /// A badge is defined, changed, given, taken away, given back, remarked on, and over.
    pub async fn be_honoured(&self, user: UserId) {
        let badge = BadgeId::mint(noon(), random());
        let DefineBadge { new, .. } = catalogue(at(80)).unwrap().remove(0);
        // Names are claimed; two people of a story have badges of two names.
        let new = NewBadge { name: format!("Badge {badge}").parse().unwrap(), ..new };
        let patch = BadgePatch { points: Some(10), ..BadgePatch::default() };
        let (state, defined): (Badge, Vec<BadgeEvent>) = decided::<Badge>(vec![
            DefineBadge { badge, new, others: 0, active: false, at: at(80) }.into(),
            ReviseBadge { patch, active: None, at: at(81) }.into(),
            BadgeCommand::from(ActivateBadge { at: at(82) }),
        ]);
        let (offer, by) = (state.offer(badge, at(83)).unwrap(), samples::new_user());
        let notes = AwardNote::parse("Planted praise").unwrap();
        let award = AwardBadge {
            user,
            offer,
            by: Awarder::System,
            completion: None,
            notes: Some(notes),
            over_revocation: false,
            at: at(83),
        };
        let reason = RevocationReason::parse("Planted rebuke").unwrap();
        let note = AwardNote::parse("Planted remark").unwrap();
        let (_, awarded): (Award, Vec<AwardEvent>) = decided::<Award>(vec![
            AwardCommand::from(award.clone()),
            RevokeBadge { by, reason, at: at(84) }.into(),
            LiftRevocation { by, at: at(85) }.into(),
            award.into(),
            NoteAward { by, notes: Some(note), at: at(86) }.into(),
        ]);
        let retired: BadgeEvent = RetireBadge { at: at(87) }.decide(&state).unwrap().remove(0);
        let subject = Subject::of(user);
        self.append(subject, stream("badge", badge), defined.iter().map(event).collect()).await;
        self.append(subject, stream("award", AwardId::of(user, badge)), awarded.iter().map(event).collect())
            .await;
        let featured =
            FeaturedBadgesChanged { user, awards: vec![AwardId::of(user, badge)], changed_at: at(86) };
        self.profile_event(user, featured.into()).await;
        self.append(subject, stream("badge", badge), vec![event(&retired)]).await;
    }
}
