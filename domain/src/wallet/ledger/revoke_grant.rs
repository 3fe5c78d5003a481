//! A grant is revoked.

use super::{Entry, GrantRevoked, Ledger, LedgerError, LedgerEvent, Posting, RevocationReason};
use crate::{
    aggregate::Decide,
    ids::{EntryId, UserId},
};
use chrono::{DateTime, Utc};

/// Takes back an amount that was granted, of the lifetime too. What is spent by now is owed; what staff adjusted away
/// is not taken twice. Made once under its id.
#[derive(Clone, Debug)]
pub struct RevokeGrant {
    pub user: UserId,
    pub entry: EntryId,
    pub posting: Posting<RevocationReason>,
    pub at: DateTime<Utc>,
}

impl RevokeGrant {
    pub fn entry(&self) -> Entry {
        Entry::of(self.entry, "revoke", &self.posting)
    }
}

impl Decide<Ledger> for RevokeGrant {
    fn decide(&self, ledger: &Ledger) -> Result<Vec<LedgerEvent>, LedgerError> {
        if ledger.has_made(self.entry())? {
            return Ok(Vec::new());
        }
        let Self { user, entry, posting, at } = *self;
        let purse = ledger.purse(posting.account());
        let granted = match posting.reason {
            RevocationReason::BadgeRevocation => purse.badges,
        };
        if posting.value() > granted {
            return Err(LedgerError::RevocationTooLarge);
        }
        let taken = posting.value().min(purse.total);
        let corrected = posting.value().saturating_sub(taken);
        let owed = taken.saturating_sub(purse.available.min(taken));
        Ok(vec![GrantRevoked { user, entry, posting, corrected, owed, revoked_at: at }.into()])
    }
}

#[cfg(test)]
mod tests {
    use super::{super::fixtures::*, *};
    use crate::fixtures::*;
    use cqrs_es::test::TestFramework;
    use rust_decimal::Decimal;

    fn revoke(n: u128, amount: u64) -> RevokeGrant {
        RevokeGrant { user: jane(), entry: entry(n), posting: revocation(amount), at: at(1) }
    }

    #[test]
    fn revocation_takes_what_is_there_and_the_rest_is_owed() {
        TestFramework::<Ledger>::with(())
            .given(vec![awarded(1, 10)])
            .when(revoke(2, 10).into())
            .then_expect_events(vec![revoked(2, 10, 0)]);
        TestFramework::<Ledger>::with(())
            .given(vec![awarded(1, 10), spent(2, 7)])
            .when(revoke(3, 10).into())
            .then_expect_events(vec![revoked(3, 10, 7)]);

        let after = folded(&[awarded(1, 10), spent(2, 7), revoked(3, 10, 7)]);
        assert_eq!(numbers(after.points), [0, 0, 7, 0, 0]);
    }

    #[test]
    fn revocation_is_made_once() {
        TestFramework::<Ledger>::with(())
            .given(vec![awarded(1, 20), revoked(2, 10, 0)])
            .when(revoke(2, 10).into())
            .then_expect_events(vec![]);
    }

    #[test]
    fn no_more_is_taken_back_than_was_granted() {
        TestFramework::<Ledger>::with(())
            .given(vec![awarded(1, 10), adjusted(2, "5")])
            .when(revoke(3, 11).into())
            .then_expect_error(LedgerError::RevocationTooLarge);
    }

    #[test]
    fn what_staff_adjusted_away_is_not_taken_twice() {
        let posting = revocation(10);
        let (corrected, owed) = (Decimal::from(4), Decimal::from(1));
        let rest =
            GrantRevoked { user: jane(), entry: entry(4), posting, corrected, owed, revoked_at: at(1) };
        let given = vec![awarded(1, 10), adjusted(2, "-4"), spent(3, 1)];
        TestFramework::<Ledger>::with(())
            .given(given.clone())
            .when(revoke(4, 10).into())
            .then_expect_events(vec![rest.clone().into()]);

        assert_eq!(numbers(folded(&[given, vec![rest.into()]].concat()).points), [0, 0, 1, 0, 0]);
    }
}
