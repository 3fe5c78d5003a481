//! An account receives something.

use super::{Entry, FundsGranted, GrantReason, Ledger, LedgerError, LedgerEvent, Posting};
use crate::{
    aggregate::Decide,
    ids::{EntryId, UserId},
};
use chrono::{DateTime, Utc};

/// Grants an amount; what is owed is paid by it first. Made once under its id.
#[derive(Clone, Debug)]
pub struct Grant {
    pub user: UserId,
    pub entry: EntryId,
    pub posting: Posting<GrantReason>,
    pub at: DateTime<Utc>,
}

impl Grant {
    pub fn entry(&self) -> Entry {
        Entry::of(self.entry, "grant", &self.posting)
    }
}

impl Decide<Ledger> for Grant {
    fn decide(&self, ledger: &Ledger) -> Result<Vec<LedgerEvent>, LedgerError> {
        if ledger.has_made(self.entry())? {
            return Ok(Vec::new());
        }
        let Self { user, entry, posting, at } = *self;
        let purse = ledger.purse(posting.account());
        purse.has_room_for(posting.value())?;
        let repaid = purse.repays(posting.value());
        Ok(vec![FundsGranted { user, entry, posting, repaid, granted_at: at }.into()])
    }
}

#[cfg(test)]
mod tests {
    use super::{super::fixtures::*, *};
    use crate::fixtures::*;
    use cqrs_es::test::TestFramework;
    use rust_decimal::Decimal;

    fn grant(n: u128, amount: u64) -> Grant {
        let posting = points(amount, GrantReason::BadgeAward);
        Grant { user: jane(), entry: entry(n), posting, at: at(1) }
    }

    #[test]
    fn grant_is_made_once() {
        TestFramework::<Ledger>::with(())
            .given_no_previous_events()
            .when(grant(1, 10).into())
            .then_expect_events(vec![awarded(1, 10)]);
        TestFramework::<Ledger>::with(())
            .given(vec![awarded(1, 10)])
            .when(grant(1, 10).into())
            .then_expect_events(vec![]);
        TestFramework::<Ledger>::with(())
            .given(vec![awarded(1, 10)])
            .when(grant(1, 11).into())
            .then_expect_error(LedgerError::EntryReused);
    }

    #[test]
    fn grant_pays_what_is_owed_first() {
        let paying = FundsGranted {
            user: jane(),
            entry: entry(4),
            posting: points(6, GrantReason::BadgeAward),
            repaid: Decimal::from(4),
            granted_at: at(1),
        };
        TestFramework::<Ledger>::with(())
            .given(vec![awarded(1, 10), spent(2, 4), revoked(3, 10, 4)])
            .when(grant(4, 6).into())
            .then_expect_events(vec![paying.clone().into()]);

        let after = folded(&[awarded(1, 10), spent(2, 4), revoked(3, 10, 4), paying.into()]);
        assert_eq!(numbers(after.points), [2, 0, 0, 6, 6]);
    }

    #[test]
    fn no_account_receives_more_than_the_bound() {
        TestFramework::<Ledger>::with(())
            .given(vec![awarded(1, 999_999_999_999)])
            .when(grant(2, 2).into())
            .then_expect_error(LedgerError::AccountFull);
        assert!(grant(2, 1).decide(&folded(&[awarded(1, 999_999_999_999)])).is_ok());
    }
}
