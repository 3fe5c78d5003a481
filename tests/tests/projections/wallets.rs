//! The read model of ledgers, and its statement.

use crate::{
    story::{at, stream},
    world::World,
};
use annals_tests::samples::{self, event};
use domain::{
    EntryId, HoldId, Personal, SourceId, Subject, UserId,
    ledger::*,
    user::{UserErased, UserEvent},
    values::{Account, Amount, Decimal, SignedAmount},
};
use projections::{Order, Seek, Stretch, wallets::query::WalletEntry};
use uuid::Uuid;

pub const NOTE: &str = "Planted reason";
const ALL: Stretch = Stretch { order: Order::NewestFirst, seek: None, limit: 20 };

fn posting<R>(account: Account, amount: Decimal, reason: R) -> Posting<R> {
    let source = Some(SourceId::from_uuid(Uuid::from_u128(9)));
    Posting { amount: Amount::try_new(account, amount).unwrap(), reason, source }
}

fn entry(n: u128) -> EntryId {
    EntryId::from_uuid(Uuid::from_u128(n))
}

fn credits(amount: u64) -> Posting<UseReason> {
    posting(Account::AiText, amount.into(), UseReason::Generation)
}

fn granted(user: UserId, n: u128, posting: Posting<GrantReason>, minute: i64) -> LedgerEvent {
    FundsGranted { user, entry: entry(n), posting, repaid: Decimal::ZERO, granted_at: at(minute) }.into()
}

fn adjusted(user: UserId, amount: &str, minute: i64) -> LedgerEvent {
    AccountAdjusted {
        user,
        entry: entry(0xad),
        amount: SignedAmount::parse(Account::Balance, amount).unwrap(),
        repaid: Decimal::ZERO,
        reason: Personal::new(Subject::of(user), NOTE.to_owned()),
        adjusted_at: at(minute),
    }
    .into()
}

impl World {
    async fn ledger_event(&self, user: UserId, e: LedgerEvent) -> i64 {
        self.append(Subject::of(user), stream("ledger", user), vec![event(&e)]).await
    }

    /// Points are earned, spent and revoked, credits are held, captured and refunded, and money is adjusted.
    pub async fn have_a_ledger(&self, user: UserId) {
        let (ten, four) = (Decimal::from(10), Decimal::from(4));
        let hold = HoldId::from_uuid(Uuid::from_u128(5));
        let reserved = |minute| FundsReserved { user, hold, posting: credits(3), reserved_at: at(minute) };
        let purchase = posting(Account::Points, four, UseReason::Purchase);
        let revocation = posting(Account::Points, ten, RevocationReason::BadgeRevocation);
        for e in [
            granted(user, 1, posting(Account::Points, ten, GrantReason::BadgeAward), 80),
            FundsSpent { user, entry: entry(2), posting: purchase, spent_at: at(81) }.into(),
            GrantRevoked {
                user,
                entry: entry(3),
                posting: revocation,
                corrected: Decimal::ZERO,
                owed: four,
                revoked_at: at(82),
            }
            .into(),
            granted(user, 4, posting(Account::AiText, ten, GrantReason::MonthlyGrant), 83),
            reserved(84).into(),
            HoldCaptured {
                user,
                hold,
                posting: credits(1),
                returned: Decimal::TWO,
                repaid: Decimal::ZERO,
                captured_at: at(85),
            }
            .into(),
            HoldRefunded {
                user,
                hold,
                posting: credits(1),
                from: RefundOf::Captured,
                repaid: Decimal::ZERO,
                refunded_at: at(86),
            }
            .into(),
            adjusted(user, "999999999999.99", 87),
        ] {
            self.ledger_event(user, e).await;
        }
    }
}

fn numbers(purse: &Purse) -> [String; 5] {
    [purse.available, purse.held, purse.owed, purse.total, purse.badges].map(|sum| sum.to_string())
}

fn line(entry: &WalletEntry) -> (&str, &str, String, String) {
    let [amount, available] = [entry.amount, entry.available].map(|sum| entry.account.text(sum));
    (&entry.event_type, &entry.reason, amount, available)
}

#[tokio::test]
async fn wallet_and_statement_tell_the_ledger_exactly() {
    let world = World::new().await;
    let running = world.run();
    let (user, other) = (samples::new_user(), samples::new_user());
    world.have_a_ledger(user).await;
    world.caught_up().await;
    running.stop().await;
    let queries = world.queries();

    let wallet = queries.find_wallet(user).await.unwrap();
    assert_eq!(numbers(&wallet.points), ["0", "0", "4", "0", "0"]);
    assert_eq!(numbers(&wallet.ai_text), ["10", "0", "0", "10", "0"]);
    assert_eq!(wallet.balance.available.to_string(), "999999999999.99");
    assert_eq!((wallet.version, wallet.updated_at), (8, Some(at(87))));
    let state = world.store.load_fresh::<Ledger>(user).await.unwrap().state;
    for account in Account::ALL {
        assert_eq!(wallet.purse(account), state.purse(account), "{account}");
    }
    assert_eq!(queries.find_wallet(other).await.unwrap(), Default::default());

    let statement = queries.list_wallet_entries(user, None, ALL).await.unwrap();
    let lines: Vec<_> = statement.results.iter().map(line).collect();
    let text = |sum: &str| sum.to_owned();
    assert_eq!(
        lines,
        [
            ("account_adjusted", "adjustment", text("999999999999.99"), text("999999999999.99")),
            ("hold_refunded", "generation", text("1"), text("10")),
            ("hold_captured", "generation", text("2"), text("9")),
            ("funds_reserved", "generation", text("-3"), text("7")),
            ("funds_granted", "monthly_grant", text("10"), text("10")),
            ("grant_revoked", "badge_revocation", text("-6"), text("0")),
            ("funds_spent", "purchase", text("-4"), text("6")),
            ("funds_granted", "badge_award", text("10"), text("10")),
        ]
    );
    assert_eq!(statement.results[0].note.as_deref(), Some(NOTE));
    for entry in &statement.results {
        let recorded = world.store.reader().after(entry.position - 1, 1).await.unwrap();
        assert_eq!((recorded[0].event_id, &recorded[0].event_type), (entry.event_id, &entry.event_type));
    }
}

#[tokio::test]
async fn statement_is_paged_and_of_one_account() {
    let world = World::new().await;
    let running = world.run();
    let user = samples::new_user();
    world.have_a_ledger(user).await;
    world.caught_up().await;
    running.stop().await;
    let queries = world.queries();

    let points = queries.list_wallet_entries(user, Some(Account::Points), ALL).await.unwrap();
    assert_eq!((points.count, points.results.len()), (Some(3), 3));
    let mut stretch = Stretch { limit: 3, ..ALL };
    let mut seen = Vec::new();
    loop {
        let page = queries.list_wallet_entries(user, None, stretch).await.unwrap();
        seen.extend(page.results.iter().map(|entry| entry.position));
        let Some(Seek::After(position)) = page.next else { break };
        stretch.seek = Some(Seek::After(position));
    }
    assert_eq!(seen, (1..=8).rev().collect::<Vec<i64>>());
}

#[tokio::test]
async fn wallet_of_the_erased_is_gone_and_comes_back_by_no_later_event() {
    let world = World::new().await;
    let running = world.run();
    let (user, _) = world.register().await;
    let hold = HoldId::from_uuid(Uuid::from_u128(5));
    world
        .ledger_event(user, granted(user, 1, posting(Account::AiText, Decimal::TEN, GrantReason::TopUp), 1))
        .await;
    world.ledger_event(user, adjusted(user, "1.50", 1)).await;
    world
        .ledger_event(user, FundsReserved { user, hold, posting: credits(3), reserved_at: at(2) }.into())
        .await;
    let erased: UserEvent = UserErased { requested_at: at(3), erased_at: at(3) }.into();
    world.user_event(user, erased).await;
    let from = RefundOf::Reserved;
    let (posting, repaid) = (credits(3), Decimal::ZERO);
    let refunded = HoldRefunded { user, hold, posting, from, repaid, refunded_at: at(4) };
    world.ledger_event(user, refunded.into()).await;
    world.caught_up().await;
    running.stop().await;

    assert_eq!(world.queries().find_wallet(user).await.unwrap(), Default::default());
    assert_eq!(world.count("SELECT count(*) FROM p_wallets.wallet_entries").await, 0);
    world.assert_equal_to_a_replay().await;
}
