//! Staff remark on an award.

use super::{Award, AwardError, AwardEvent, AwardNoted};
use crate::{
    aggregate::Decide,
    ids::{Subject, UserId},
    personal::Personal,
    values::AwardNote,
};
use chrono::{DateTime, Utc};

/// Puts the remark in place of the one before, also on an award that was taken away; the same one changes nothing.
#[derive(Clone, Debug)]
pub struct NoteAward {
    /// A member of staff.
    pub by: UserId,
    /// None takes it away.
    pub notes: Option<AwardNote>,
    pub at: DateTime<Utc>,
}

impl Decide<Award> for NoteAward {
    fn decide(&self, award: &Award) -> Result<Vec<AwardEvent>, AwardError> {
        award.given()?;
        let same = match (&self.notes, &award.notes) {
            (None, None) => true,
            (Some(new), Some(now)) => now.known().is_some_and(|now| now == new.as_str()),
            (None, Some(_)) | (Some(_), None) => false,
        };
        if same {
            return Ok(Vec::new());
        }
        let Award { user, badge, .. } = *award;
        let note = |text: &AwardNote| Personal::new(Subject::of(user), text.as_str().to_owned());
        let notes = self.notes.as_ref().map(note);
        Ok(vec![AwardNoted { user, badge, by: self.by, notes, noted_at: self.at }.into()])
    }
}

#[cfg(test)]
mod tests {
    use super::{super::award_badge::tests::*, *};
    use crate::fixtures::*;
    use cqrs_es::test::TestFramework;

    fn note(text: Option<&str>) -> NoteAward {
        NoteAward { by: john(), notes: text.map(|text| AwardNote::parse(text).unwrap()), at: at(8) }
    }

    fn noted(text: Option<&str>) -> AwardEvent {
        let notes = text.map(janes);
        AwardNoted { user: jane(), badge: badge(), by: john(), notes, noted_at: at(8) }.into()
    }

    #[test]
    fn remark_takes_the_place_of_the_one_before() {
        let first = || vec![awarded(1), noted(Some("At the party"))];
        for (given, text, expected) in [
            (vec![awarded(1)], Some("At the party"), vec![noted(Some("At the party"))]),
            (first(), Some("At the party"), vec![]),
            (first(), Some("Elsewhere"), vec![noted(Some("Elsewhere"))]),
            (first(), None, vec![noted(None)]),
            (vec![awarded(1)], None, vec![]),
        ] {
            TestFramework::<Award>::with(())
                .given(given)
                .when(note(text).into())
                .then_expect_events(expected);
        }
    }

    #[test]
    fn what_was_never_awarded_has_no_remark() {
        TestFramework::<Award>::with(())
            .given_no_previous_events()
            .when(note(Some("Soon")).into())
            .then_expect_error(AwardError::NotAwarded);
    }
}
