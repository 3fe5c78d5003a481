//! Writes of `wallets`.

use super::query::{WalletEntry, WalletRow};
use crate::{
    batch::Batch,
    columns::columns,
    envelope::{Envelope, known},
    projection::{Name, Projection, ProjectionError},
    registry::WALLETS,
    rows::Rows,
};
use async_trait::async_trait;
use domain::{
    ledger::{LedgerEvent, Purse},
    values::Account,
};
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

pub(super) const TABLE: Rows<WalletRow> = Rows::of("wallets", &["user_id", "account"]);
pub(super) const ENTRIES: Rows<WalletEntry> = Rows::of("wallet_entries", &["position"]);

columns! {
    WalletRow: user_id, account, ..purse, updated_at, version;
    Purse: available, held, owed, total, badges;
    WalletEntry: position, event_id, event_type, user_id, account, amount, held, owed, available, reason,
        source_id, hold_id, note, occurred_at;
}

pub(crate) struct Wallets;

/// What a batch touches.
#[derive(Default)]
struct Touched {
    wallets: BTreeMap<(Uuid, Account), WalletRow>,
    entries: Vec<WalletEntry>,
}

#[async_trait]
impl Projection for Wallets {
    fn name(&self) -> Name {
        WALLETS
    }

    fn tables(&self) -> &'static str {
        include_str!("tables.sql")
    }

    /// A ledger has its person's id.
    fn key(&self, event: &Envelope) -> String {
        event.recorded.aggregate_id.clone()
    }

    async fn apply(&self, batch: &mut Batch<'_>, events: &[&Envelope]) -> Result<(), ProjectionError> {
        let mut people = BTreeSet::new();
        for envelope in events.iter().filter(|envelope| envelope.event.ledger().is_some()) {
            people.insert(envelope.stream_id()?);
        }
        let known = TABLE.load(batch, &people).await?;
        let mut touched = Touched::default();
        touched.wallets.extend(known.into_iter().map(|row| ((row.user_id.uuid(), row.account), row)));
        events.iter().for_each(|envelope| touched.note(envelope));
        TABLE.purge(batch, events).await?;
        ENTRIES.purge(batch, events).await?;
        ENTRIES.append(batch, touched.entries)?;
        TABLE.store(batch, touched.wallets.into_values())
    }
}

/// Only these begin an account: all others need something that is there.
const fn begins(event: &LedgerEvent) -> bool {
    match event {
        LedgerEvent::FundsGranted(_) | LedgerEvent::AccountAdjusted(_) => true,
        LedgerEvent::GrantRevoked(_)
        | LedgerEvent::FundsReserved(_)
        | LedgerEvent::HoldCaptured(_)
        | LedgerEvent::HoldRefunded(_)
        | LedgerEvent::FundsSpent(_) => false,
    }
}

impl Touched {
    fn note(&mut self, envelope: &Envelope) {
        if let Some(erased) = envelope.erased() {
            self.wallets.retain(|(user, _), _| *user != erased);
            self.entries.retain(|entry| entry.user_id.uuid() != erased);
        }
        let Some(event) = envelope.event.ledger() else { return };
        let movement = event.movement();
        let (user_id, account, updated_at) = (movement.user, movement.account, movement.at);
        let key = (user_id.uuid(), account);
        if begins(event) && !self.wallets.contains_key(&key) {
            let row = WalletRow { user_id, account, purse: Purse::default(), updated_at, version: 0 };
            self.wallets.insert(key, row);
        }
        // The account of an erased person is gone, and what becomes of their holds concerns nobody.
        let Some(row) = self.wallets.get_mut(&key) else { return };
        row.purse.apply(&movement.effect);
        (row.updated_at, row.version) = (updated_at, envelope.recorded.sequence);
        self.entries.push(WalletEntry {
            position: envelope.recorded.position,
            event_id: envelope.recorded.event_id,
            event_type: envelope.recorded.event_type.clone(),
            user_id,
            account,
            amount: movement.effect.available,
            held: movement.effect.held,
            owed: movement.effect.owed,
            available: row.purse.available,
            reason: movement.reason.to_owned(),
            source_id: movement.source,
            hold_id: movement.hold,
            note: movement.note.and_then(known),
            occurred_at: movement.at,
        });
    }
}
