//! A hold is captured or refunded.

use super::{HoldCaptured, HoldRefunded, HoldState, Ledger, LedgerError, LedgerEvent, Posting, RefundOf};
use crate::{
    aggregate::Decide,
    ids::{HoldId, UserId},
    values::Amount,
};
use chrono::{DateTime, Utc};
use rust_decimal::Decimal;

/// Spends what is held, or a part of it, and gives the rest back. A repeat changes nothing.
#[derive(Clone, Debug)]
pub struct Capture {
    pub user: UserId,
    pub hold: HoldId,
    /// None: all of it.
    pub amount: Option<Amount>,
    pub at: DateTime<Utc>,
}

impl Decide<Ledger> for Capture {
    fn decide(&self, ledger: &Ledger) -> Result<Vec<LedgerEvent>, LedgerError> {
        let known = ledger.holds.known(self.hold)?;
        let amount = self.amount.unwrap_or(known.posting.amount);
        match known.state {
            HoldState::Open => {}
            HoldState::Captured { amount: captured, .. } if captured == amount => return Ok(Vec::new()),
            HoldState::Captured { .. } | HoldState::Refunded { .. } => return Err(LedgerError::HoldClosed),
        }
        if amount.account() != known.posting.account() || amount.value() > known.posting.value() {
            return Err(LedgerError::CaptureTooLarge);
        }
        let returned = known.posting.value().saturating_sub(amount.value());
        let event = HoldCaptured {
            user: self.user,
            hold: self.hold,
            posting: Posting { amount, ..known.posting },
            returned,
            repaid: repaid(ledger, &known.posting, returned),
            captured_at: self.at,
        };
        Ok(vec![event.into()])
    }
}

/// Gives back what is held, or what was captured of it. A repeat changes nothing.
#[derive(Clone, Debug)]
pub struct Refund {
    pub user: UserId,
    pub hold: HoldId,
    pub at: DateTime<Utc>,
}

impl Decide<Ledger> for Refund {
    fn decide(&self, ledger: &Ledger) -> Result<Vec<LedgerEvent>, LedgerError> {
        let known = ledger.holds.known(self.hold)?;
        let (amount, from) = match known.state {
            HoldState::Open => (known.posting.amount, RefundOf::Reserved),
            HoldState::Captured { amount, .. } => (amount, RefundOf::Captured),
            HoldState::Refunded { .. } => return Ok(Vec::new()),
        };
        let event = HoldRefunded {
            user: self.user,
            hold: self.hold,
            posting: Posting { amount, ..known.posting },
            from,
            repaid: repaid(ledger, &known.posting, amount.value()),
            refunded_at: self.at,
        };
        Ok(vec![event.into()])
    }
}

fn repaid<R>(ledger: &Ledger, posting: &Posting<R>, back: Decimal) -> Decimal {
    ledger.purse(posting.account()).repays(back)
}

#[cfg(test)]
mod tests {
    use super::{super::fixtures::*, *};
    use crate::{fixtures::*, values::Account};
    use cqrs_es::test::TestFramework;

    fn capture(n: u128, amount: Option<u64>) -> Capture {
        let amount = amount.map(|amount| Amount::try_new(Account::AiText, amount).unwrap());
        Capture { user: jane(), hold: hold(n), amount, at: at(1) }
    }

    fn refund(n: u128) -> Refund {
        Refund { user: jane(), hold: hold(n), at: at(1) }
    }

    fn given() -> Vec<LedgerEvent> {
        vec![monthly(1, 5), reserved(1, 3)]
    }

    #[test]
    fn capture_spends_what_is_held_and_returns_the_rest() {
        TestFramework::<Ledger>::with(())
            .given(given())
            .when(capture(1, None).into())
            .then_expect_events(vec![captured(1, 3, 0)]);
        TestFramework::<Ledger>::with(())
            .given(given())
            .when(capture(1, Some(1)).into())
            .then_expect_events(vec![captured(1, 1, 2)]);

        let after = folded(&[given(), vec![captured(1, 1, 2)]].concat());
        assert_eq!(numbers(after.ai_text), [4, 0, 0, 5, 0]);
    }

    #[test]
    fn capture_is_made_once_and_never_beyond_the_hold() {
        let done = || [given(), vec![captured(1, 1, 2)]].concat();
        TestFramework::<Ledger>::with(())
            .given(done())
            .when(capture(1, Some(1)).into())
            .then_expect_events(vec![]);
        for (events, command, error) in [
            (done(), capture(1, Some(2)), LedgerError::HoldClosed),
            ([given(), vec![refunded(1, 3)]].concat(), capture(1, None), LedgerError::HoldClosed),
            (given(), capture(1, Some(4)), LedgerError::CaptureTooLarge),
            (given(), capture(2, None), LedgerError::HoldNotFound),
        ] {
            TestFramework::<Ledger>::with(()).given(events).when(command.into()).then_expect_error(error);
        }
        let points = Some(Amount::try_new(Account::Points, 1_u64).unwrap());
        let other = Capture { amount: points, ..capture(1, None) };
        assert_eq!(other.decide(&folded(&given())), Err(LedgerError::CaptureTooLarge));
    }

    #[test]
    fn refund_gives_back_what_is_held_or_was_captured_once() {
        TestFramework::<Ledger>::with(())
            .given(given())
            .when(refund(1).into())
            .then_expect_events(vec![refunded(1, 3)]);
        let of_captured = HoldRefunded {
            user: jane(),
            hold: hold(1),
            posting: credits(1),
            from: RefundOf::Captured,
            repaid: Decimal::ZERO,
            refunded_at: at(1),
        };
        let captured = [given(), vec![captured(1, 1, 2)]].concat();
        TestFramework::<Ledger>::with(())
            .given(captured.clone())
            .when(refund(1).into())
            .then_expect_events(vec![of_captured.clone().into()]);
        let refunded = [captured, vec![of_captured.into()]].concat();
        assert_eq!(numbers(folded(&refunded).ai_text), [5, 0, 0, 5, 0]);
        TestFramework::<Ledger>::with(()).given(refunded).when(refund(1).into()).then_expect_events(vec![]);
        TestFramework::<Ledger>::with(())
            .given(given())
            .when(refund(2).into())
            .then_expect_error(LedgerError::HoldNotFound);
    }
}
