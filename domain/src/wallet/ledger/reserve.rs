//! A part of an account is set aside for something that is under way.

use super::{Entry, FundsReserved, Ledger, LedgerError, LedgerEvent, Posting, UseReason};
use crate::{
    aggregate::Decide,
    ids::{EntryId, HoldId, UserId},
};
use chrono::{DateTime, Utc};

/// Sets an amount aside under an id that the caller chooses: it cannot be spent otherwise until it is captured or
/// refunded. Made once under its id.
#[derive(Clone, Debug)]
pub struct Reserve {
    pub user: UserId,
    pub hold: HoldId,
    pub posting: Posting<UseReason>,
    pub at: DateTime<Utc>,
}

impl Reserve {
    pub fn entry(&self) -> Entry {
        Entry::of(EntryId::of_hold(self.hold), "reserve", &self.posting)
    }
}

impl Decide<Ledger> for Reserve {
    fn decide(&self, ledger: &Ledger) -> Result<Vec<LedgerEvent>, LedgerError> {
        match ledger.holds.get(self.hold) {
            Some(known) if known.posting == self.posting => return Ok(Vec::new()),
            Some(_) => return Err(LedgerError::EntryReused),
            None if ledger.has_made(self.entry())? => return Ok(Vec::new()),
            None => {}
        }
        let Self { user, hold, posting, at } = *self;
        ledger.purse(posting.account()).has(posting.account(), posting.value())?;
        ledger.holds.has_room()?;
        Ok(vec![FundsReserved { user, hold, posting, reserved_at: at }.into()])
    }
}

#[cfg(test)]
mod tests {
    use super::{super::fixtures::*, *};
    use crate::{fixtures::*, ledger::MAX_OPEN_HOLDS, values::Account};
    use cqrs_es::test::TestFramework;

    fn reserve(n: u128, amount: u64) -> Reserve {
        Reserve { user: jane(), hold: hold(n), posting: credits(amount), at: at(1) }
    }

    #[test]
    fn what_is_reserved_can_not_be_reserved_again() {
        TestFramework::<Ledger>::with(())
            .given(vec![monthly(1, 3)])
            .when(reserve(1, 2).into())
            .then_expect_events(vec![reserved(1, 2)]);
        TestFramework::<Ledger>::with(())
            .given(vec![monthly(1, 3), reserved(1, 2)])
            .when(reserve(2, 2).into())
            .then_expect_error(LedgerError::InsufficientCredits(Account::AiText));
    }

    #[test]
    fn hold_is_made_once_whatever_became_of_it() {
        for since in [vec![], vec![captured(1, 2, 0)], vec![refunded(1, 2)]] {
            TestFramework::<Ledger>::with(())
                .given([vec![monthly(1, 3), reserved(1, 2)], since].concat())
                .when(reserve(1, 2).into())
                .then_expect_events(vec![]);
        }
        TestFramework::<Ledger>::with(())
            .given(vec![monthly(1, 3), reserved(1, 2)])
            .when(reserve(1, 1).into())
            .then_expect_error(LedgerError::EntryReused);
    }

    #[test]
    fn open_holds_are_bounded() {
        let mut events = vec![monthly(1, 1_000)];
        events.extend((0..MAX_OPEN_HOLDS as u128).map(|n| reserved(n, 1)));

        assert_eq!(reserve(1_000, 1).decide(&folded(&events)), Err(LedgerError::TooManyHolds));
        events.push(refunded(7, 1));
        assert!(reserve(1_000, 1).decide(&folded(&events)).is_ok());
    }
}
