//! Writers over an executor in the test's own process: a third committer on the same log.

use crate::{
    dice::Dice,
    ledger::{Command, Deed, Ledger},
    world::Account,
};
use annals_tests::samples;
use commands::{Caller, CommandError, Executor, IdempotencyKey, Principal};
use domain::{
    SessionId, UserId,
    profile::{CreateProfile, Patch, Profile, ProfilePatch, UpdateProfile},
    values::{Bio, Role},
};
use std::{sync::Arc, time::Duration};
use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;

const GIVE_UP: Duration = Duration::from_secs(90);

pub struct LocalWriter {
    pub name: String,
    /// Whose streams everybody writes to.
    pub accounts: Vec<Account>,
    pub executor: Executor,
    pub ledger: Arc<Ledger>,
    pub dice: Dice,
}

impl LocalWriter {
    pub async fn run(mut self, stop: CancellationToken) {
        let mut own = Vec::new();
        for n in 0.. {
            if stop.is_cancelled() {
                return;
            }
            let token = format!("{}-{n}", self.name);
            let hot = self.dice.pick(&self.accounts).user;
            match self.dice.below(4) {
                0 => own.extend(self.create().await),
                1 if !own.is_empty() => {
                    let cold = *self.dice.pick(&own);
                    self.write(token, cold, true).await;
                }
                2 => self.write(token, hot, false).await,
                _ => self.write(token, hot, true).await,
            }
            sleep(self.dice.millis(2, 30)).await;
        }
    }

    /// Sent once, without a key: it may or may not have happened if the log did not answer.
    async fn create(&mut self) -> Option<UserId> {
        let user = UserId::mint(self.executor.now(), samples::random());
        let create = CreateProfile { user, at: self.executor.now() };
        let mut command = Command::new(user.to_string(), user, Deed::Create);
        let begun = Instant::now();
        command.attempts = 1;
        let done = self.executor.run::<Profile>(user, create, &Caller::system("chaos")).await;
        match done {
            Ok(done) => command.acknowledged = Some(done.receipt.position),
            Err(error) => self.refused(&command, &error),
        }
        let created = command.acknowledged.map(|_| user);
        self.ledger.settle(command, begun.elapsed());
        created
    }

    /// With a key it is sent until it is acknowledged, without one once.
    async fn write(&mut self, token: String, user: UserId, keyed: bool) {
        let begun = Instant::now();
        let mut command = Command::new(token, user, Deed::Write);
        let caller = owner(user, keyed.then_some(command.token.as_str()));
        while begun.elapsed() < GIVE_UP {
            command.attempts += 1;
            let bio = Patch::Set(Bio::parse(&command.token).unwrap());
            let patch = ProfilePatch { bio, ..ProfilePatch::default() };
            let update = UpdateProfile { user, patch, at: self.executor.now() };
            match self.executor.run::<Profile>(user, update, &caller).await {
                Ok(done) => {
                    command.acknowledged = Some(done.receipt.position);
                    return self.ledger.settle(command, begun.elapsed());
                }
                Err(error) => self.refused(&command, &error),
            }
            if !keyed {
                return self.ledger.settle(command, begun.elapsed());
            }
            sleep(self.dice.millis(10, 100)).await;
        }
        self.ledger.wrong(format!("{} was not acknowledged in {:?}", command.token, begun.elapsed()));
        self.ledger.settle(command, begun.elapsed());
    }

    fn refused(&self, command: &Command, error: &CommandError) {
        match error {
            CommandError::Conflict { .. } => self.ledger.answer("executor: conflict"),
            CommandError::Unavailable(_) => self.ledger.answer("executor: unavailable"),
            wrong => self.ledger.wrong(format!("{} got {wrong:?}", command.token)),
        }
    }
}

fn owner(user: UserId, key: Option<&str>) -> Caller {
    let session = SessionId::mint(samples::noon(), samples::random());
    Caller {
        principal: Principal::User { id: user, session, role: Role::Normal, verified: true },
        idempotency: key.map(|key| IdempotencyKey {
            key: key.to_owned(),
            route: String::new(),
            fingerprint: [7; 32],
        }),
        ..Caller::default()
    }
}
