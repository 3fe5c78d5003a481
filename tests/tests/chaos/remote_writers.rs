//! Clients of the HTTP API that repeat a command with its idempotency key until somebody acknowledges it.

use crate::{
    dice::Dice,
    ledger::{Command, Deed, Ledger, Sight},
    world::{Account, Addresses, client},
};
use reqwest::{Client, Response, StatusCode};
use serde_json::{Value, json};
use std::{sync::Arc, time::Duration};
use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;

/// Shorter than a pause of the tormentor: some commands are under way twice.
const PATIENCE: Duration = Duration::from_secs(2);
/// A command that nobody acknowledged by then was lost to its client.
const GIVE_UP: Duration = Duration::from_secs(90);

pub struct RemoteWriter {
    pub name: String,
    pub accounts: Vec<Account>,
    pub addresses: Addresses,
    pub ledger: Arc<Ledger>,
    pub dice: Dice,
}

impl RemoteWriter {
    pub async fn run(mut self, stop: CancellationToken) {
        let client = client(PATIENCE);
        for n in 0.. {
            if stop.is_cancelled() {
                return;
            }
            let account = self.dice.pick(&self.accounts).clone();
            let command = Command::new(format!("{}-{n}", self.name), account.user, Deed::Write);
            self.insist(&client, &account, command).await;
            sleep(self.dice.millis(2, 40)).await;
        }
    }

    /// Sends one logical command to whichever program, until one acknowledges it.
    async fn insist(&mut self, client: &Client, account: &Account, mut command: Command) {
        let begun = Instant::now();
        let waits = self.dice.below(2) == 0;
        while begun.elapsed() < GIVE_UP {
            command.attempts += 1;
            let address = self.addresses.get(self.dice.below(2));
            let mut request = client
                .patch(format!("{address}/api/users/profile"))
                .bearer_auth(&account.token)
                .header("Idempotency-Key", &command.token)
                .json(&json!({ "bio": command.token }));
            if !waits {
                request = request.header("Prefer", "respond-async");
            }
            match request.send().await {
                Ok(reply) if reply.status().is_success() => {
                    self.ledger.answer(reply.status().as_str());
                    command.acknowledged = Some(position(&reply));
                    self.ledger.settle(command.clone(), begun.elapsed());
                    if self.dice.below(4) == 0 {
                        self.look(client, account, position(&reply)).await;
                    }
                    return;
                }
                Ok(reply) => {
                    if !self.is_excused(reply, &command).await {
                        break;
                    }
                }
                Err(_) => self.ledger.answer("connection lost"),
            }
            sleep(self.dice.millis(10, 100)).await;
        }
        self.ledger.wrong(format!("{} was not acknowledged in {:?}", command.token, begun.elapsed()));
        self.ledger.settle(command, begun.elapsed());
    }

    /// Whether to try again: a lost race or a server that is away, nothing else.
    async fn is_excused(&self, reply: Response, command: &Command) -> bool {
        let status = reply.status();
        self.ledger.answer(status.as_str());
        match status {
            StatusCode::CONFLICT | StatusCode::SERVICE_UNAVAILABLE | StatusCode::GATEWAY_TIMEOUT => true,
            _ => {
                let body = reply.text().await.unwrap_or_default();
                self.ledger.wrong(format!("{} got {status}: {body}", command.token));
                false
            }
        }
    }

    /// Reads the own write back, from either program.
    async fn look(&mut self, client: &Client, account: &Account, at_least: i64) {
        let address = self.addresses.get(self.dice.below(2));
        let request = client
            .get(format!("{address}/api/users/profile"))
            .bearer_auth(&account.token)
            .header("Annals-Min-Position", at_least);
        let Ok(reply) = request.send().await else { return };
        let status = reply.status();
        if reply.headers().contains_key("annals-fresh") || !status.is_success() {
            return self.ledger.answer(format!("read {status}, not promised fresh"));
        }
        self.ledger.answer("read");
        let Ok(profile) = reply.json::<Value>().await else { return };
        let bio = profile["bio"].as_str().unwrap_or_default().to_owned();
        self.ledger.pages().sights.push(Sight { user: account.user, at_least, bio });
    }
}

fn position(reply: &Response) -> i64 {
    let position = reply.headers().get("annals-position").and_then(|value| value.to_str().ok());
    position.and_then(|position| position.parse().ok()).unwrap_or(-1)
}
