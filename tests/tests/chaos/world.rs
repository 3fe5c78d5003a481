//! Two programs on one database and one NATS, and an executor in the test itself.

use annals_tests::{
    Db, Lab,
    program::{Program, new_directory},
};
use bus::Names;
use commands::{Executor, SystemClock, SystemMint};
use domain::UserId;
use serde_json::{Value, json};
use std::{
    sync::{Arc, RwLock},
    time::Duration,
};
use store::Store;
use tokio::{
    sync::{Mutex, MutexGuard},
    time::{Instant, sleep},
};

/// What happens to the servers happens to every test of this suite: one at a time.
static TURN: Mutex<()> = Mutex::const_new(());

const PASSWORD: &str = "correct horse battery";

pub struct World {
    pub lab: &'static Lab,
    pub db: Db,
    pub store: Store,
    pub executor: Executor,
    pub names: Names,
    settings: Vec<(&'static str, String)>,
    _turn: MutexGuard<'static, ()>,
}

/// Where the programs answer; a program that starts again has another port.
#[derive(Clone, Default)]
pub struct Addresses(Arc<RwLock<Vec<String>>>);

impl Addresses {
    pub fn of(programs: &[Program]) -> Self {
        Self(Arc::new(RwLock::new(programs.iter().map(|program| program.url("")).collect())))
    }

    pub fn moved(&self, index: usize, program: &Program) {
        self.0.write().unwrap()[index] = program.url("");
    }

    pub fn get(&self, index: usize) -> String {
        let addresses = self.0.read().unwrap();
        addresses[index % addresses.len()].clone()
    }
}

/// A person with an access token.
#[derive(Clone, Debug)]
pub struct Account {
    pub user: UserId,
    pub token: String,
}

impl World {
    pub async fn new() -> Self {
        let turn = TURN.lock().await;
        let lab = Lab::get().await;
        let db = Lab::db().await;
        let store = db.store().await;
        let names = Names { stream: format!("S_{}", db.name), prefix: format!("{}.events", db.name) };
        let settings = db.program_settings(lab);
        let executor = Executor::new(store.clone(), Arc::new(SystemClock), Arc::new(SystemMint));
        Self { lab, db, store, executor, names, settings, _turn: turn }
    }

    pub async fn program(&self) -> Program {
        let settings: Vec<_> = self.settings.iter().map(|(name, value)| (*name, value.as_str())).collect();
        Program::start_in(new_directory(), &settings).await
    }

    /// Verified accounts with a session each.
    pub async fn accounts(&self, program: &Program, count: usize) -> Vec<Account> {
        let client = client(Duration::from_secs(30));
        let mut accounts = Vec::with_capacity(count);
        for n in 0..count {
            let name = format!("writer{n}");
            let user = program.create_user(&name, &format!("{name}@example.com"), "normal", PASSWORD).await;
            let form = json!({ "username": name, "password": PASSWORD });
            let reply = client.post(program.url("/api/auth/login")).json(&form).send().await.unwrap();
            assert!(reply.status().is_success(), "login: {}", reply.status());
            let tokens: Value = reply.json().await.unwrap();
            let token = tokens["access_token"].as_str().unwrap().to_owned();
            accounts.push(Account { user: UserId::from_uuid(user.parse().unwrap()), token });
        }
        accounts
    }
}

/// A client that gives up on a program that is paused.
pub fn client(patience: Duration) -> reqwest::Client {
    reqwest::Client::builder().timeout(patience).no_proxy().build().unwrap()
}

/// Asks until the answer is yes; false if that takes too long.
pub async fn eventually(patience: Duration, mut holds: impl AsyncFnMut() -> bool) -> bool {
    let deadline = Instant::now() + patience;
    while Instant::now() < deadline {
        if holds().await {
            return true;
        }
        sleep(Duration::from_millis(50)).await;
    }
    false
}
