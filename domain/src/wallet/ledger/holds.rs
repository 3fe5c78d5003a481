//! Open and recently closed holds: bounded, so that the state does not grow with the age of a ledger.

use super::{LedgerError, Posting, UseReason};
use crate::{ids::HoldId, values::Amount};
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Open at once, of all accounts together.
pub const MAX_OPEN_HOLDS: usize = 100;
/// So many closed holds are known, the newest, …
pub const REFUNDABLE_HOLDS: usize = 64;
/// … and for so long. After that what was captured is given back by a grant or an adjustment.
pub const REFUNDABLE_FOR: TimeDelta = TimeDelta::days(30);

/// A part of an account that was set aside.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hold {
    /// As it was reserved.
    pub posting: Posting<UseReason>,
    pub state: HoldState,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HoldState {
    Open,
    /// So much of it was spent.
    Captured {
        #[serde(flatten)]
        amount: Amount,
        at: DateTime<Utc>,
    },
    /// All of it, or all that was spent, is back.
    Refunded {
        at: DateTime<Utc>,
    },
}

impl HoldState {
    const fn closed_at(&self) -> Option<DateTime<Utc>> {
        match self {
            Self::Open => None,
            Self::Captured { at, .. } | Self::Refunded { at } => Some(*at),
        }
    }
}

/// The open holds, and the closed ones that are remembered.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct Holds(BTreeMap<HoldId, Hold>);

impl Holds {
    pub(super) fn get(&self, id: HoldId) -> Option<&Hold> {
        self.0.get(&id)
    }

    pub(super) fn known(&self, id: HoldId) -> Result<&Hold, LedgerError> {
        self.get(id).ok_or(LedgerError::HoldNotFound)
    }

    pub(super) fn has_room(&self) -> Result<(), LedgerError> {
        let open = self.0.values().filter(|hold| hold.state == HoldState::Open).count();
        if open < MAX_OPEN_HOLDS { Ok(()) } else { Err(LedgerError::TooManyHolds) }
    }

    pub(super) fn open(&mut self, id: HoldId, posting: Posting<UseReason>) {
        self.0.insert(id, Hold { posting, state: HoldState::Open });
    }

    /// Closes a hold, or what was captured, and forgets what was closed long before.
    pub(super) fn close(&mut self, id: HoldId, state: HoldState) {
        if let Some(hold) = self.0.get_mut(&id) {
            hold.state = state;
        }
        let Some(now) = state.closed_at() else { return };
        self.0.retain(|_, hold| hold.state.closed_at().is_none_or(|at| now - at <= REFUNDABLE_FOR));
        let closed = || self.0.iter().filter_map(|(id, hold)| Some((hold.state.closed_at()?, *id)));
        if closed().count() > REFUNDABLE_HOLDS
            && let Some((_, oldest)) = closed().min()
        {
            self.0.remove(&oldest);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{super::fixtures::*, *};
    use crate::fixtures::*;

    #[test]
    fn closed_holds_are_forgotten_by_age_and_by_number() {
        let mut holds = Holds::default();
        let refunded = |second| HoldState::Refunded { at: at(second) };
        holds.open(hold(1_000), credits(1));
        for n in 0..70 {
            holds.open(hold(n), credits(1));
            holds.close(hold(n), refunded(i64::try_from(n).unwrap()));
        }

        assert!(holds.get(hold(5)).is_none());
        assert!(holds.get(hold(6)).is_some());
        assert_eq!(holds.0.len(), REFUNDABLE_HOLDS + 1);

        holds.open(hold(100), credits(1));
        holds.close(hold(100), HoldState::Refunded { at: at(69) + REFUNDABLE_FOR });
        assert_eq!(holds.0.keys().copied().collect::<Vec<_>>(), [hold(69), hold(100), hold(1_000)]);
    }
}
