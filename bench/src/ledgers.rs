//! Entries of ledgers, each with its claim and with a look at its person's account.

use crate::{
    commands::{CLIENTS, executor, rate, system},
    report::{Floor, Report},
};
use annals_tests::{
    Lab,
    samples::{event, new_user, noon, registered, submission, user_stream},
};
use commands::Ledgers;
use domain::{
    EntryId, SourceId, UserId,
    ledger::{Grant, GrantReason, Posting, Spend, UseReason},
    values::{Account, Amount},
};
use std::sync::Arc;
use store::Store;

/// Ledgers that a client enters in turn.
const PER_CLIENT: usize = 16;

async fn people(store: &Store) -> Arc<Vec<UserId>> {
    let users: Vec<UserId> = (0..CLIENTS * PER_CLIENT).map(|_| new_user()).collect();
    let written = users.iter().map(|user| {
        let account = event(&registered(*user, "jane", "jane@example.com"));
        store.submit(submission(user_stream(*user), 0, vec![account]))
    });
    futures::future::join_all(written).await.into_iter().for_each(|done| drop(done.unwrap()));
    Arc::new(users)
}

fn posting<R>(reason: R) -> Posting<R> {
    let amount = Amount::try_new(Account::Points, 1_u64).unwrap();
    Posting { amount, reason, source: None }
}

/// A point comes, a point goes.
async fn enter(ledgers: &Ledgers, user: UserId, turn: u64) {
    let entry = EntryId::of("bench", SourceId::from_uuid(user.uuid()), turn.cast_signed());
    let done = if turn.is_multiple_of(2) {
        let grant = Grant { user, entry, posting: posting(GrantReason::TopUp), at: noon() };
        ledgers.grant(grant, &system()).await
    } else {
        let spend = Spend { user, entry, posting: posting(UseReason::Purchase), at: noon() };
        ledgers.spend(spend, &system()).await
    };
    assert_eq!(done.unwrap().events.len(), 1);
}

pub async fn run(report: &mut Report) {
    let db = Lab::db().await;
    let users = people(&db.store().await).await;
    let ledgers = Ledgers::new(executor(&db).await);
    let entered = rate(CLIENTS, move |client, n| {
        let user = users[client * PER_CLIENT + n as usize % PER_CLIENT];
        let ledgers = ledgers.clone();
        async move { enter(&ledgers, user, n / PER_CLIENT as u64).await }
    })
    .await;
    let detail = "an entry, its claim for ever, and its person's version each";
    report.row("64 clients, entries of ledgers", entered, "/s", Floor::AtLeast(10_000.0), detail);
}
