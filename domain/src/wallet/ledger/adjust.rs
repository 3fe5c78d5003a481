//! Staff correct an account.

use super::{AccountAdjusted, Entry, Ledger, LedgerError, LedgerEvent};
use crate::{
    aggregate::Decide,
    ids::{EntryId, Subject, UserId},
    personal::Personal,
    values::{AdjustmentReason, SignedAmount},
};
use chrono::{DateTime, Utc};
use rust_decimal::Decimal;

/// Adds to an account, or takes what is there, of the lifetime too: what is corrected never was. Made once under its id.
#[derive(Clone, Debug)]
pub struct Adjust {
    pub user: UserId,
    pub entry: EntryId,
    pub amount: SignedAmount,
    pub reason: AdjustmentReason,
    pub at: DateTime<Utc>,
}

impl Adjust {
    pub fn entry(&self) -> Entry {
        Entry::digested(self.entry, "adjust", self.amount.account(), self.amount.value(), &[])
    }
}

impl Decide<Ledger> for Adjust {
    fn decide(&self, ledger: &Ledger) -> Result<Vec<LedgerEvent>, LedgerError> {
        if ledger.has_made(self.entry())? {
            return Ok(Vec::new());
        }
        let (account, value) = (self.amount.account(), self.amount.value());
        let purse = ledger.purse(account);
        let repaid = if value.is_sign_negative() {
            purse.has(account, value.abs())?;
            Decimal::ZERO
        } else {
            purse.has_room_for(value)?;
            purse.repays(value)
        };
        let event = AccountAdjusted {
            user: self.user,
            entry: self.entry,
            amount: self.amount,
            repaid,
            reason: Personal::new(Subject::of(self.user), self.reason.as_str().to_owned()),
            adjusted_at: self.at,
        };
        Ok(vec![event.into()])
    }
}

#[cfg(test)]
mod tests {
    use super::{super::fixtures::*, *};
    use crate::{fixtures::*, values::Account};
    use cqrs_es::test::TestFramework;

    fn adjust(n: u128, amount: &str) -> Adjust {
        let amount = SignedAmount::parse(Account::Points, amount).unwrap();
        let reason = AdjustmentReason::parse("goodwill").unwrap();
        Adjust { user: jane(), entry: entry(n), amount, reason, at: at(1) }
    }

    #[test]
    fn adjustment_goes_up_and_down_with_the_lifetime() {
        TestFramework::<Ledger>::with(())
            .given_no_previous_events()
            .when(adjust(1, "5").into())
            .then_expect_events(vec![adjusted(1, "5")]);
        TestFramework::<Ledger>::with(())
            .given(vec![adjusted(1, "5")])
            .when(adjust(2, "-2").into())
            .then_expect_events(vec![adjusted(2, "-2")]);

        assert_eq!(numbers(folded(&[adjusted(1, "5"), adjusted(2, "-2")]).points), [3, 0, 0, 3, 0]);
    }

    #[test]
    fn adjustment_takes_only_what_is_there_and_is_made_once() {
        TestFramework::<Ledger>::with(())
            .given(vec![adjusted(1, "5")])
            .when(adjust(2, "-6").into())
            .then_expect_error(LedgerError::InsufficientFunds(Account::Points));
        TestFramework::<Ledger>::with(())
            .given(vec![adjusted(1, "5"), spent(2, 5)])
            .when(adjust(1, "5").into())
            .then_expect_events(vec![]);
        TestFramework::<Ledger>::with(())
            .given(vec![adjusted(1, "5")])
            .when(adjust(1, "-5").into())
            .then_expect_error(LedgerError::EntryReused);
    }
}
