//! Kills, pauses and wipes, in an order that the dice say.

use crate::{
    dice::Dice,
    world::{Addresses, World, eventually},
};
use annals_tests::program::{Program, signal};
use sqlx::{Connection, PgConnection};
use std::{collections::BTreeMap, fs, time::Duration};
use tokio::time::{Instant, sleep};

const PATIENCE: Duration = Duration::from_secs(60);

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Torment {
    KillProgram,
    PauseProgram,
    KillNats,
    WipeNats,
    EndSessions,
    EndCommitters,
    KillPostgres,
}

use Torment::{EndCommitters, EndSessions, KillNats, KillPostgres, KillProgram, PauseProgram, WipeNats};

/// One round: every torment at least once.
const ROUND: [Torment; 11] = [
    KillProgram,
    KillProgram,
    KillProgram,
    PauseProgram,
    PauseProgram,
    KillNats,
    WipeNats,
    EndSessions,
    EndCommitters,
    EndCommitters,
    KillPostgres,
];

pub struct Tormentor<'a> {
    pub world: &'a World,
    pub programs: Vec<Program>,
    pub addresses: Addresses,
    pub dice: Dice,
    pub done: BTreeMap<Torment, u32>,
}

impl<'a> Tormentor<'a> {
    pub fn new(world: &'a World, programs: Vec<Program>, addresses: Addresses, dice: Dice) -> Self {
        Self { world, programs, addresses, dice, done: BTreeMap::new() }
    }

    pub async fn run(&mut self, lasts: Duration) {
        let begun = Instant::now();
        let mut round = Vec::new();
        while begun.elapsed() < lasts {
            if round.is_empty() {
                round.extend(ROUND);
                self.dice.shuffle(&mut round);
            }
            sleep(self.dice.millis(200, 1800)).await;
            let torment = round.pop().unwrap();
            println!("{:6.2} s {torment:?}", begun.elapsed().as_secs_f64());
            self.inflict(torment).await;
            *self.done.entry(torment).or_default() += 1;
            self.nobody_gave_up();
        }
    }

    async fn inflict(&mut self, torment: Torment) {
        match torment {
            KillProgram => self.kill_program().await,
            PauseProgram => self.pause_program().await,
            KillNats => self.world.lab.servers.kill_nats(),
            WipeNats => self.wipe_nats().await,
            EndSessions => self.end_sessions("annals%").await,
            EndCommitters => self.end_sessions("annals committer").await,
            KillPostgres => self.kill_postgres().await,
        }
    }

    async fn kill_program(&mut self) {
        let index = self.dice.below(self.programs.len());
        let mut program = self.programs.remove(index);
        program.kill().await;
        sleep(self.dice.millis(0, 800)).await;
        let program = program.restart().await;
        self.addresses.moved(index, &program);
        self.programs.insert(index, program);
    }

    async fn pause_program(&mut self) {
        let index = self.dice.below(self.programs.len());
        let pid = self.programs[index].pid();
        signal(pid, "STOP");
        sleep(self.dice.millis(200, 3000)).await;
        signal(pid, "CONT");
    }

    /// NATS is killed and comes back without anything.
    async fn wipe_nats(&mut self) {
        let servers = &self.world.lab.servers;
        servers.suspend_supervision(true);
        servers.kill_nats();
        assert!(eventually(PATIENCE, async || servers.pids().1.is_none()).await, "NATS ends");
        let lab = std::env::temp_dir().join(format!("annals-lab-{}", std::process::id()));
        fs::remove_dir_all(lab.join("nats/store/jetstream")).unwrap();
        servers.suspend_supervision(false);
    }

    /// Some sessions of the programs and of the test's own store, whatever they are doing.
    async fn end_sessions(&mut self, application: &str) {
        let mut admin = self.admin().await;
        sqlx::query(
            "SELECT pg_terminate_backend(pid) FROM (
                 SELECT pid FROM pg_stat_activity WHERE datname LIKE $1 || '%' AND application_name LIKE $2
                  ORDER BY md5(pid::text || $3) LIMIT $4) AS chosen",
        )
        .bind(&self.world.db.name)
        .bind(application)
        .bind(self.dice.below(1000).to_string())
        .bind(1 + self.dice.below(8) as i64)
        .execute(&mut admin)
        .await
        .unwrap();
    }

    async fn kill_postgres(&mut self) {
        let begun = Instant::now();
        self.world.lab.servers.kill_postgres();
        sleep(Duration::from_millis(200)).await;
        self.admin().await;
        println!("         PostgreSQL was away for {:.1?}", begun.elapsed());
    }

    /// A session beside the storm; waits for the server.
    async fn admin(&self) -> PgConnection {
        let url = self.world.lab.servers.admin_url();
        let deadline = Instant::now() + PATIENCE;
        loop {
            match PgConnection::connect(&url).await {
                Ok(admin) => return admin,
                Err(error) => assert!(Instant::now() < deadline, "PostgreSQL is away: {error}"),
            }
            sleep(Duration::from_millis(50)).await;
        }
    }

    /// A program ends when it is told to or killed, whatever happens to its servers.
    pub fn nobody_gave_up(&self) {
        for program in &self.programs {
            let stat = fs::read_to_string(format!("/proc/{}/stat", program.pid())).unwrap_or_default();
            let state = stat.rsplit_once(") ").map_or("gone", |(_, rest)| &rest[..1]);
            assert!(!matches!(state, "Z" | "X" | "gone"), "a program ended by itself:\n{}", tail(program));
        }
    }
}

/// The end of what a program logged.
pub fn tail(program: &Program) -> String {
    let log = program.log();
    let lines: Vec<_> = log.lines().collect();
    lines[lines.len().saturating_sub(25)..].join("\n")
}
