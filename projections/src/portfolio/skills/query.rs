//! Reads of `skills`: those of every thing that a person owns, see [`crate::owned`].

use crate::{owned::OwnedModel, projection::Name, registry::SKILLS};
use domain::{
    AnyEvent,
    skill::{Skill, SkillEvent},
};

impl OwnedModel for Skill {
    const NAME: Name = SKILLS;

    fn event_of(event: &AnyEvent) -> Option<&SkillEvent> {
        event.skill()
    }
}
