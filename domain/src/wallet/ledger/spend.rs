//! Something is paid at once.

use super::{Entry, FundsSpent, Ledger, LedgerError, LedgerEvent, Posting, UseReason};
use crate::{
    aggregate::Decide,
    ids::{EntryId, UserId},
};
use chrono::{DateTime, Utc};

/// Spends an amount that is there. Made once under its id.
#[derive(Clone, Debug)]
pub struct Spend {
    pub user: UserId,
    pub entry: EntryId,
    pub posting: Posting<UseReason>,
    pub at: DateTime<Utc>,
}

impl Spend {
    pub fn entry(&self) -> Entry {
        Entry::of(self.entry, "spend", &self.posting)
    }
}

impl Decide<Ledger> for Spend {
    fn decide(&self, ledger: &Ledger) -> Result<Vec<LedgerEvent>, LedgerError> {
        if ledger.has_made(self.entry())? {
            return Ok(Vec::new());
        }
        let Self { user, entry, posting, at } = *self;
        ledger.purse(posting.account()).has(posting.account(), posting.value())?;
        Ok(vec![FundsSpent { user, entry, posting, spent_at: at }.into()])
    }
}

#[cfg(test)]
mod tests {
    use super::{super::fixtures::*, *};
    use crate::{fixtures::*, values::Account};
    use cqrs_es::test::TestFramework;

    fn spend(n: u128, amount: u64) -> Spend {
        Spend { user: jane(), entry: entry(n), posting: points(amount, UseReason::Purchase), at: at(1) }
    }

    #[test]
    fn spending_lowers_what_is_there_and_not_the_lifetime() {
        TestFramework::<Ledger>::with(())
            .given(vec![awarded(1, 10)])
            .when(spend(2, 4).into())
            .then_expect_events(vec![spent(2, 4)]);

        assert_eq!(numbers(folded(&[awarded(1, 10), spent(2, 4)]).points), [6, 0, 0, 10, 10]);
    }

    #[test]
    fn spending_is_done_once_and_only_of_what_is_there() {
        TestFramework::<Ledger>::with(())
            .given(vec![awarded(1, 10), spent(2, 10)])
            .when(spend(2, 10).into())
            .then_expect_events(vec![]);
        TestFramework::<Ledger>::with(())
            .given(vec![awarded(1, 10), spent(2, 7)])
            .when(spend(3, 4).into())
            .then_expect_error(LedgerError::InsufficientFunds(Account::Points));
    }
}
