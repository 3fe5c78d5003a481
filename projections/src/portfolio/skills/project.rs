//! Writes of `skills`.

use crate::{
    batch::Batch,
    columns::columns,
    envelope::Envelope,
    owned::{self, OwnedRow},
    projection::{Name, Projection, ProjectionError},
    registry::SKILLS,
    rows::Rows,
};
use async_trait::async_trait;
use domain::skill::Skill;

const TABLE: Rows<OwnedRow<Skill>> = Rows::of("skills", &["id"]);

columns! {
    OwnedRow<Skill>: id, user_id, added_at, removed_at, version, state;
}

pub(crate) struct Skills;

#[async_trait]
impl Projection for Skills {
    fn name(&self) -> Name {
        SKILLS
    }

    fn tables(&self) -> &'static str {
        include_str!("tables.sql")
    }

    fn key(&self, event: &Envelope) -> String {
        owned::key::<Skill>(event)
    }

    async fn apply(&self, batch: &mut Batch<'_>, events: &[&Envelope]) -> Result<(), ProjectionError> {
        // With `.erased()` and `.purge`, as every projection of a person's things.
        owned::apply::<Skill>(batch, events, &TABLE).await
    }
}
