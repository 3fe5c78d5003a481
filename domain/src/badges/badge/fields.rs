//! The fields of a definition: those that every badge has and those that it may have, in the order of BDG-01 and
//! BDG-21. They hold nothing personal.

use super::criteria::Criterion;
use crate::{
    fields::fields,
    ids::Subject,
    values::{
        BadgeCategory, BadgeDescription, BadgeIcon, BadgeImage, BadgeName, BadgeSeries, HexColor, Rarity,
        Tier,
    },
};
use chrono::{DateTime, Utc};

fields! {
    /// What a definition says.
    state BadgeDetails {}
    /// What a badge shall be.
    new NewBadge
    /// One change of any number of fields. What every badge has can be set, and not cleared.
    patch BadgePatch {}
    /// Each field present only where it changed.
    changes BadgeChanges {}
    required {
        name: BadgeName => String,
        category: BadgeCategory => String,
        description: BadgeDescription => String,
        icon: BadgeIcon => String,
        color: HexColor => String,
        points: u32 => u32,
        rarity: Rarity => Rarity,
    }
    optional {
        image: BadgeImage => String,
        criteria: Criterion => Criterion,
        tier: Tier => Tier,
        series: BadgeSeries => String,
        available_from: DateTime<Utc> => DateTime<Utc>,
        available_until: DateTime<Utc> => DateTime<Utc>,
    }
}

/// Definitions are about nobody.
pub(super) fn nobody() -> Subject {
    Subject::default()
}

impl BadgeDetails {
    /// As it is after the changes.
    pub(super) fn changed(&self, changes: &BadgeChanges) -> Self {
        let mut details = self.clone();
        details.update(changes);
        details
    }
}
