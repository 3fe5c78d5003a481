//! What holds for every sequence of entries, sensible or not.

use super::{fixtures::*, *};
use crate::{
    aggregate::{Decide, EventSourced},
    engine::properties::replays_to_the_same_state,
    fixtures::*,
    values::{Account, AdjustmentReason, Amount, SignedAmount},
};
use cqrs_es::Aggregate;
use proptest::{collection::vec, option, prelude::*, sample::select};
use rust_decimal::Decimal;
use std::collections::BTreeMap;

/// Money in hundredths, everything else whole.
fn value(account: Account, n: u32) -> Decimal {
    Decimal::new(n.into(), account.scale())
}

fn posted<R>(account: Account, n: u32, reason: R) -> Posting<R> {
    Posting { amount: Amount::try_new(account, value(account, n)).unwrap(), reason, source: None }
}

fn command() -> impl Strategy<Value = LedgerCommand> {
    let account = || select(&Account::ALL[..]);
    let (id, amount) = (0u128..12, 1u32..30);
    let (user, at) = (jane(), at(1));
    let basic = (account(), id, amount);
    prop_oneof![
        (basic.clone(), select(&[GrantReason::BadgeAward, GrantReason::TopUp][..])).prop_map(
            move |((account, n, amount), reason)| {
                Grant { user, entry: entry(n), posting: posted(account, amount, reason), at }.into()
            }
        ),
        basic.clone().prop_map(move |(account, n, amount)| {
            let posting = posted(account, amount, RevocationReason::BadgeRevocation);
            RevokeGrant { user, entry: entry(100 + n), posting, at }.into()
        }),
        basic.clone().prop_map(move |(account, n, amount)| {
            let posting = posted(account, amount, UseReason::Generation);
            Reserve { user, hold: hold(n), posting, at }.into()
        }),
        (account(), 0u128..12, option::of(1u32..30)).prop_map(move |(account, n, amount)| {
            let amount = amount.map(|n| Amount::try_new(account, value(account, n)).unwrap());
            Capture { user, hold: hold(n), amount, at }.into()
        }),
        (0u128..12).prop_map(move |n| Refund { user, hold: hold(n), at }.into()),
        basic.clone().prop_map(move |(account, n, amount)| {
            let posting = posted(account, amount, UseReason::Purchase);
            Spend { user, entry: entry(200 + n), posting, at }.into()
        }),
        (basic, any::<bool>()).prop_map(move |((account, n, amount), up)| {
            let value = if up { value(account, amount) } else { -value(account, amount) };
            let (amount, reason) =
                (SignedAmount::try_new(account, value).unwrap(), AdjustmentReason::parse("why").unwrap());
            Adjust { user, entry: entry(300 + n), amount, reason, at }.into()
        }),
    ]
}

/// What was spent of each account, told by the events alone.
fn spent_of(log: &[LedgerEvent], account: Account) -> Decimal {
    let of = |event: &LedgerEvent| match event {
        LedgerEvent::FundsSpent(e) if e.posting.account() == account => e.posting.value(),
        LedgerEvent::HoldCaptured(e) if e.posting.account() == account => e.posting.value(),
        LedgerEvent::HoldRefunded(e) if e.posting.account() == account && e.from == RefundOf::Captured => {
            -e.posting.value()
        }
        _ => Decimal::ZERO,
    };
    log.iter().map(of).sum()
}

fn sound(ledger: &Ledger, log: &[LedgerEvent]) -> Result<(), TestCaseError> {
    for account in Account::ALL {
        let purse = ledger.purse(account);
        let Purse { available, held, owed, total, badges } = *purse;
        for sum in [available, held, owed, total, badges] {
            prop_assert!(!sum.is_sign_negative() || sum.is_zero(), "{account}: {purse:?}");
        }
        prop_assert!(owed.is_zero() || available.is_zero(), "{account}: {purse:?}");
        prop_assert_eq!(available + held - owed, total - spent_of(log, account), "{}: {:?}", account, purse);
        let mut sums = Purse::default();
        for movement in log.iter().map(LedgerEvent::movement).filter(|line| line.account == account) {
            sums.apply(&movement.effect);
        }
        prop_assert_eq!(sums, *purse);
        let open = ledger.holds_of(account);
        prop_assert_eq!(open, held, "{}", account);
    }
    Ok(())
}

impl Ledger {
    fn holds_of(&self, account: Account) -> Decimal {
        let held = (0..12).filter_map(|n| self.holds.get(hold(n)));
        let open = held.filter(|h| h.posting.account() == account && h.state == HoldState::Open);
        open.map(|h| h.posting.value()).sum()
    }
}

fn run(commands: &[LedgerCommand]) -> (Ledger, Vec<LedgerEvent>) {
    let (mut ledger, mut log) = (Ledger::default(), Vec::new());
    for command in commands {
        for event in command.decide(&ledger).unwrap_or_default() {
            ledger.apply(event.clone());
            log.push(event);
        }
    }
    (ledger, log)
}

replays_to_the_same_state! {
    ledger_replays_to_the_same_state: Ledger, command(), 60;
}

proptest! {
    #[test]
    fn nothing_is_below_zero_and_the_entries_add_up(commands in vec(command(), 0..60)) {
        let (mut ledger, mut log) = (Ledger::default(), Vec::new());
        for command in &commands {
            for event in command.decide(&ledger).unwrap_or_default() {
                ledger.apply(event.clone());
                log.push(event);
            }
            sound(&ledger, &log)?;
        }
    }

    #[test]
    fn ledger_reads_back_from_json_as_it_was(commands in vec(command(), 0..60)) {
        let (ledger, _) = run(&commands);
        let state: Ledger = serde_json::from_str(&serde_json::to_string(&ledger).unwrap()).unwrap();
        prop_assert_eq!(state, ledger);
    }

    #[test]
    fn repeated_entry_adds_no_event(commands in vec(command(), 0..40), last in command()) {
        let (mut ledger, _) = run(&commands);
        prop_assume!(last.decide(&ledger).is_ok());
        for event in last.decide(&ledger).unwrap() {
            ledger.apply(event);
        }

        prop_assert_eq!(last.decide(&ledger), Ok(vec![]));
    }

    #[test]
    fn entry_is_made_at_most_once_and_takes_one_claim(commands in vec(command(), 0..60)) {
        let mut ledger = Ledger::default();
        let mut made = BTreeMap::new();
        for command in &commands {
            for event in command.decide(&ledger).unwrap_or_default() {
                let claims = ledger.consequences(&event);
                prop_assert_eq!(claims.len(), usize::from(event.entry().is_some()));
                if let Some(entry) = event.entry() {
                    prop_assert!(made.insert(entry.id.uuid(), claims).is_none());
                }
                ledger.apply(event);
            }
        }
    }

    /// What all can be granted in any order, all can be spent in any order.
    #[test]
    fn order_does_not_matter_to_totals(amounts in vec((select(&Account::ALL[..]), 1u32..50), 1..20), turn in 0usize..20) {
        let grant = |(n, (account, amount)): (usize, &(Account, u32))| {
            let posting = posted(*account, *amount, GrantReason::BadgeAward);
            LedgerCommand::from(Grant { user: jane(), entry: entry(n as u128), posting, at: at(1) })
        };
        let spend = |(n, (account, amount)): (usize, &(Account, u32))| {
            let posting = posted(*account, *amount, UseReason::Purchase);
            LedgerCommand::from(Spend { user: jane(), entry: entry(100 + n as u128), posting, at: at(1) })
        };
        let grants: Vec<_> = amounts.iter().enumerate().map(grant).collect();
        let mut spends: Vec<_> = amounts.iter().enumerate().map(spend).take(turn).collect();
        let there = run(&[grants.clone(), spends.clone()].concat()).0;
        let mut turned = grants;
        turned.reverse();
        spends.reverse();
        let and_back = run(&[turned, spends].concat()).0;

        for account in Account::ALL {
            prop_assert_eq!(there.purse(account), and_back.purse(account));
        }
    }
}

#[test]
fn state_does_not_grow_with_the_age_of_a_ledger() {
    let mut ledger = Ledger::default();
    let mut size = 0;
    for n in 0..2_000 {
        for event in [awarded(n, 1), monthly(10_000 + n, 1), reserved(n, 1), captured(n, 1, 0)] {
            ledger.apply(event);
        }
        if n == 200 {
            size = serde_json::to_string(&ledger).unwrap().len();
        }
    }

    assert!(serde_json::to_string(&ledger).unwrap().len() <= size + 100);
}
