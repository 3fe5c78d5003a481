//! Ledgers under races, of two processes' worth of committers: nothing is overspent, nothing is entered twice.

use annals_tests::{Db, Lab, samples::*};
use commands::{Caller, CommandError, Done, Executor, Ledgers, Principal, SystemClock, SystemMint};
use domain::{
    EntryId, HoldId, SourceId, UserId,
    ledger::{
        Grant, GrantReason, Ledger, LedgerError, LedgerEvent, Posting, Purse, REMEMBERED_ENTRIES, Reserve,
        Spend, UseReason,
    },
    user::UserError,
    values::{Account, Amount, Decimal},
};
use std::{collections::HashSet, sync::Arc};
use store::Store;
use uuid::Uuid;

fn system() -> Caller {
    Caller { principal: Principal::System("test".into()), ..Caller::default() }
}

async fn ledgers(db: &Db) -> Ledgers {
    Ledgers::new(Executor::new(db.store().await, Arc::new(SystemClock), Arc::new(SystemMint)))
}

async fn person(store: &Store) -> UserId {
    let user = new_user();
    let account = event(&registered(user, "jane", "jane@example.com"));
    store.submit(submission(user_stream(user), 0, vec![account])).await.unwrap();
    user
}

fn posting<R>(account: Account, amount: u64, reason: R) -> Posting<R> {
    Posting { amount: Amount::try_new(account, amount).unwrap(), reason, source: None }
}

fn entry(what: &str, n: i64) -> EntryId {
    EntryId::of(what, SourceId::from_uuid(Uuid::from_u128(7)), n)
}

fn grant(user: UserId, n: i64, account: Account, amount: u64) -> Grant {
    let posting = posting(account, amount, GrantReason::TopUp);
    Grant { user, entry: entry("grant", n), posting, at: noon() }
}

fn spend(user: UserId, n: i64, account: Account, amount: u64) -> Spend {
    let posting = posting(account, amount, UseReason::Purchase);
    Spend { user, entry: entry("spend", n), posting, at: noon() }
}

fn reserve(user: UserId, n: u128) -> Reserve {
    let posting = posting(Account::AiText, 1, UseReason::Generation);
    Reserve { user, hold: HoldId::from_uuid(Uuid::from_u128(n)), posting, at: noon() }
}

/// Until it is decided: another process may win more often than a command is tried again.
async fn decided<Fut: Future<Output = Result<Done<Ledger>, CommandError>>>(
    command: impl Fn() -> Fut,
) -> Result<Done<Ledger>, CommandError> {
    loop {
        match command().await {
            Err(CommandError::Conflict { .. }) => {}
            decided => return decided,
        }
    }
}

/// The events of a ledger, and what they add up to on an account.
async fn told(store: &Store, user: UserId, account: Account) -> (Vec<LedgerEvent>, Purse) {
    let recorded = store.reader().stream("ledger", &user.to_string(), 0, 10_000).await.unwrap();
    let events = recorded.iter().map(|event| serde_json::from_str(event.payload.get()).unwrap());
    let events: Vec<LedgerEvent> = events.collect();
    let mut sums = Purse::default();
    for movement in events.iter().map(LedgerEvent::movement).filter(|line| line.account == account) {
        sums.apply(&movement.effect);
    }
    (events, sums)
}

#[tokio::test(flavor = "multi_thread")]
async fn two_hundred_reserves_of_a_balance_for_fifty_are_fifty() {
    let db = Lab::db().await;
    let store = db.store().await;
    let nodes = [ledgers(&db).await, ledgers(&db).await];
    let user = person(&store).await;
    nodes[0].grant(grant(user, 1, Account::AiText, 50), &system()).await.unwrap();

    let reserves = (0..200u128).map(|n| {
        let node = nodes[n as usize % 2].clone();
        let caller = system();
        tokio::spawn(async move { decided(|| node.reserve(reserve(user, n), &caller)).await })
    });
    let reserves = futures::future::join_all(reserves).await.into_iter().map(Result::unwrap);

    let (made, refused): (Vec<_>, Vec<_>) = reserves.partition(Result::is_ok);
    assert_eq!((made.len(), refused.len()), (50, 150));
    let short = LedgerError::InsufficientCredits(Account::AiText);
    assert!(refused.iter().all(|refusal| refusal.as_ref().unwrap_err().reason() == Some(&short)));
    let (events, sums) = told(&store, user, Account::AiText).await;
    let fifty = Decimal::from(50);
    assert_eq!((events.len(), sums.available, sums.held, sums.total), (51, Decimal::ZERO, fifty, fifty));
    let state = store.load_fresh::<Ledger>(user).await.unwrap().state;
    assert_eq!(state.ai_text, sums);
}

#[tokio::test(flavor = "multi_thread")]
async fn same_entry_from_everywhere_at_once_is_made_once() {
    let db = Lab::db().await;
    let store = db.store().await;
    let nodes = [ledgers(&db).await, ledgers(&db).await];
    let user = person(&store).await;

    let grants = (0..40).map(|n| {
        let node = nodes[n % 2].clone();
        let (entry, caller) = ((n % 4) as i64, system());
        tokio::spawn(
            async move { decided(|| node.grant(grant(user, entry, Account::Points, 10), &caller)).await },
        )
    });
    for granted in futures::future::join_all(grants).await {
        granted.unwrap().unwrap();
    }

    let (events, sums) = told(&store, user, Account::Points).await;
    assert_eq!((events.len(), sums.available), (4, Decimal::from(40)));
    let entries: HashSet<_> = events.iter().map(|event| format!("{event:?}")).collect();
    assert_eq!(entries.len(), 4);
}

/// The state forgets an entry; its claim does not.
#[tokio::test]
async fn entry_is_known_again_for_ever() {
    let db = Lab::db().await;
    let store = db.store().await;
    let (node, other) = (ledgers(&db).await, ledgers(&db).await);
    let user = person(&store).await;
    node.grant(grant(user, 0, Account::Points, 100), &system()).await.unwrap();
    node.spend(spend(user, 0, Account::Points, 100), &system()).await.unwrap();
    for n in 1..=REMEMBERED_ENTRIES as i64 {
        node.grant(grant(user, n, Account::AiImage, 1), &system()).await.unwrap();
    }
    let before = told(&store, user, Account::Points).await;

    for node in [node, other] {
        let granted = node.grant(grant(user, 0, Account::Points, 100), &system()).await.unwrap();
        assert_eq!((granted.events.len(), granted.receipt.version), (0, before.0.len() as i64));
        // There is nothing left to be spent by now.
        let spent = node.spend(spend(user, 0, Account::Points, 100), &system()).await.unwrap();
        assert_eq!((spent.events.len(), spent.state.points), (0, before.1));
        let another = node.grant(grant(user, 0, Account::Points, 101), &system()).await.unwrap_err();
        assert_eq!(another.reason(), Some(&LedgerError::EntryReused));
        let short = node.spend(spend(user, 1, Account::Points, 1), &system()).await.unwrap_err();
        assert_eq!(short.reason(), Some(&LedgerError::InsufficientFunds(Account::Points)));
    }
    assert_eq!(told(&store, user, Account::Points).await, before);
}

#[tokio::test]
async fn hold_is_captured_or_refunded_by_the_program_alone() {
    let db = Lab::db().await;
    let store = db.store().await;
    let (node, user) = (ledgers(&db).await, person(&store).await);
    node.grant(grant(user, 0, Account::AiText, 3), &system()).await.unwrap();
    for n in 0..3 {
        node.reserve(reserve(user, n), &system()).await.unwrap();
    }
    let hold = |n| (user, HoldId::from_uuid(Uuid::from_u128(n)));

    for _ in 0..2 {
        node.capture(hold(0), None, &system()).await.unwrap();
        node.refund(hold(1), &system()).await.unwrap();
    }

    let sums = told(&store, user, Account::AiText).await.1;
    let one = Decimal::ONE;
    assert_eq!((sums.available, sums.held, sums.total), (one, one, Decimal::from(3)));
    let late = node.capture(hold(1), None, &system()).await.unwrap_err();
    assert_eq!(late.reason(), Some(&LedgerError::HoldClosed));
    let owner = Caller::default();
    for refused in [node.capture(hold(2), None, &owner).await, node.refund(hold(2), &owner).await] {
        assert!(matches!(refused, Err(CommandError::Forbidden)));
    }
}

#[tokio::test]
async fn nobody_grants_to_whoever_is_not_there() {
    let db = Lab::db().await;
    let node = ledgers(&db).await;

    let refused = node.grant(grant(new_user(), 0, Account::Points, 1), &system()).await.unwrap_err();

    assert_eq!(refused.reason(), Some(&UserError::NotRegistered));
}
