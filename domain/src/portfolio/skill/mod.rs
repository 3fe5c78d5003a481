//! A skill that a person lists under a category (PFO-04). The list of the profile is another one (C-29).

use crate::{
    Personal,
    ids::SkillId,
    owned::owned,
    values::{SkillCategory, SkillName},
};

owned! {
    /// One skill of a person.
    Skill = "skill", id SkillId, at most 200, once by name;
    commands SkillCommand { AddSkill, ReviseSkill, RemoveSkill }
    events SkillEvent {
        SkillAdded = "skill_added",
        SkillRevised = "skill_revised",
        SkillRemoved = "skill_removed",
    }
    refusals SkillError { "skill-already-added", "skill-not-found", "too-many-skills" }
    fields SkillFields, new NewSkill, patch SkillPatch, changes SkillChanges;
    required {
        name: SkillName => Personal<String>,
        category: SkillCategory => SkillCategory,
    }
    optional {}
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Consequence, Decide, EventSourced, aggregate::ClaimKind, fixtures::*};
    use cqrs_es::{Aggregate, test::TestFramework};

    fn name(text: &str) -> SkillName {
        SkillName::parse(text).unwrap()
    }

    fn add(slot: u16) -> AddSkill {
        let new = NewSkill { name: name("Rust"), category: SkillCategory::Language };
        AddSkill { user: jane(), new, slot, at: at(0) }
    }

    fn added() -> SkillEvent {
        let fields = SkillFields { name: janes("Rust"), category: SkillCategory::Language };
        SkillAdded { user: jane(), fields, slot: 3, added_at: at(0) }.into()
    }

    fn revise(patch: SkillPatch) -> ReviseSkill {
        ReviseSkill { patch, at: at(5) }
    }

    fn renamed(text: &str) -> SkillEvent {
        let changes = SkillChanges { name: Some(janes(text)), ..SkillChanges::default() };
        SkillRevised { user: jane(), changes, revised_at: at(5) }.into()
    }

    fn removed() -> SkillEvent {
        SkillRemoved { user: jane(), removed_at: at(9) }.into()
    }

    fn skill(history: &[SkillEvent]) -> Skill {
        let mut skill = Skill::default();
        history.iter().for_each(|event| skill.apply(event.clone()));
        skill
    }

    #[test]
    fn skill_is_added_once_and_within_the_bound() {
        let given = |history| TestFramework::<Skill>::with(()).given(history);

        given(vec![]).when(add(3).into()).then_expect_events(vec![added()]);
        given(vec![added()]).when(add(3).into()).then_expect_error(SkillError::AlreadyThere);
        given(vec![]).when(add(200).into()).then_expect_error(SkillError::Full);
    }

    #[test]
    fn only_what_differs_is_recorded() {
        let given = |history| TestFramework::<Skill>::with(()).given(history);
        let patch = |text| SkillPatch { name: Some(name(text)), category: Some(SkillCategory::Language) };

        given(vec![added()]).when(revise(patch("Go")).into()).then_expect_events(vec![renamed("Go")]);
        given(vec![added()]).when(revise(patch("Rust")).into()).then_expect_events(vec![]);
        given(vec![]).when(revise(patch("Go")).into()).then_expect_error(SkillError::NotThere);
        let gone = vec![added(), removed()];
        given(gone).when(revise(patch("Go")).into()).then_expect_error(SkillError::NotThere);
    }

    #[test]
    fn removed_skill_says_nothing_and_is_removed_once() {
        let gone = skill(&[added(), removed()]);

        assert_eq!((gone.fields.clone(), gone.standing.present()), (SkillFields::default(), None));
        assert_eq!(RemoveSkill { at: at(9) }.decide(&skill(&[added()])), Ok(vec![removed()]));
        assert_eq!(RemoveSkill { at: at(10) }.decide(&gone), Ok(vec![]));
        assert_eq!(RemoveSkill { at: at(10) }.decide(&Skill::default()), Err(SkillError::NotThere));
    }

    /// Frozen: what is claimed.
    #[test]
    fn slot_and_name_are_claimed_and_given_back() {
        let (slot, of) = (ClaimKind::OwnedSlot, ClaimKind::OwnedName);
        let text = |end: &str| format!("skill:00000000-0000-0000-0000-000000000001:{end}");
        let (here, there) = (skill(&[added()]), Skill::default());

        let claims = [Consequence::Claim(slot, text("3")), Consequence::Claim(of, text("rust"))];
        assert_eq!(there.consequences(&added()), claims);
        let swap = [Consequence::Claim(of, text("c plus")), Consequence::Release(of, text("rust"))];
        assert_eq!(here.consequences(&renamed("C  Plus")), swap);
        assert_eq!(here.consequences(&renamed("RUST")), []);
        let back = [Consequence::Release(slot, text("3")), Consequence::Release(of, text("rust"))];
        assert_eq!(here.consequences(&removed()), back);
    }
}
