//! The state of one day.

use super::{ActivityEvent, ActivityKind, Caps, Deed};
use crate::{
    aggregate::{ClaimKind, Consequence, EventSourced},
    ids::{ActivityId, DeedId},
};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Deeds of one person's day, whether they count or not.
pub const MAX_DEEDS: usize = 5_000;

/// One person's day. Nothing opens it: before its first event it is empty.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Activity {
    /// The person was there.
    pub(super) active: bool,
    deeds: BTreeMap<DeedId, Known>,
    /// How many count, also such as were taken back: whoever likes and unlikes gains no room.
    counted: BTreeMap<ActivityKind, BTreeMap<i64, u32>>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Known {
    deed: Deed,
    reversed: bool,
}

const HOUR: i64 = 3_600;

fn hour(at: DateTime<Utc>) -> i64 {
    at.timestamp().div_euclid(HOUR)
}

impl Activity {
    /// The deed of this id, and whether it was taken back.
    pub fn known(&self, id: DeedId) -> Option<(&Deed, bool)> {
        self.deeds.get(&id).map(|known| (&known.deed, known.reversed))
    }

    pub(super) fn is_full(&self) -> bool {
        self.deeds.len() >= MAX_DEEDS
    }

    /// Whether one more of the kind still counts.
    pub(super) fn has_room(&self, kind: ActivityKind, at: DateTime<Utc>) -> bool {
        let Caps { per_hour, per_day } = kind.caps();
        let Some(hours) = self.counted.get(&kind) else { return per_hour > 0 };
        let this_hour = hours.get(&hour(at)).copied().unwrap_or(0);
        this_hour < per_hour && hours.values().sum::<u32>() < per_day
    }

    pub(super) fn evolve(&mut self, event: &ActivityEvent) {
        match event {
            ActivityEvent::ActiveDayRecorded(_) => self.active = true,
            ActivityEvent::ActivityRecorded(e) => {
                if e.deed.counted {
                    let hours = self.counted.entry(e.deed.kind).or_default();
                    *hours.entry(hour(e.occurred_at)).or_default() += 1;
                }
                self.deeds.insert(e.deed.id, Known { deed: e.deed.clone(), reversed: false });
            }
            ActivityEvent::ActivityReversed(e) => {
                if let Some(known) = self.deeds.get_mut(&e.deed.id) {
                    known.reversed = true;
                }
            }
        }
    }
}

impl EventSourced for Activity {
    type Id = ActivityId;

    const ALWAYS_THERE: bool = true;

    fn consequences(&self, event: &ActivityEvent) -> Vec<Consequence> {
        match event {
            ActivityEvent::ActivityRecorded(e) => {
                vec![Consequence::Claim(ClaimKind::Deed, e.deed.id.to_string())]
            }
            // The id stays taken: what was taken back does not come again.
            ActivityEvent::ActiveDayRecorded(_) | ActivityEvent::ActivityReversed(_) => Vec::new(),
        }
    }
}
