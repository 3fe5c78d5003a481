//! One PostgreSQL and one NATS per test program; they end with it.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot be set up has failed")]

use annals::embedded::{Embedded, Options, Tuning, User, roles};
use secrecy::SecretBox;
use sqlx::{Connection, PgConnection, PgPool};
use std::{
    path::{Path, PathBuf},
    sync::atomic::{AtomicU32, Ordering},
    time::Duration,
};
use store::{ServerKeys, Store, StoreOptions};
use tokio::sync::OnceCell;

const DIRECTORY: &str = "annals-lab-";

/// The servers of this test program.
pub struct Lab {
    pub servers: Embedded,
    directory: PathBuf,
}

static LAB: OnceCell<Lab> = OnceCell::const_new();
static NAMES: AtomicU32 = AtomicU32::new(0);

/// A migrated log and key store of one test.
#[derive(Clone, Debug)]
pub struct Db {
    /// As the superuser, for what a test does by its own hand.
    pub url: String,
    pub keys_url: String,
    /// As the program's roles, which may do what they may do in production.
    pub log_role_url: String,
    pub keys_role_url: String,
    /// Unique within the test program; also good as a stream and subject name.
    pub name: String,
}

impl Lab {
    /// The servers, started by the first test that asks.
    pub async fn get() -> &'static Self {
        LAB.get_or_init(Self::start).await
    }

    async fn start() -> Self {
        remove_leftovers();
        let directory = std::env::temp_dir().join(format!("{DIRECTORY}{}", std::process::id()));
        let mut options = Options::new(&directory);
        options.nats_open = true;
        options.postgres = Tuning::default().disposable().with("max_connections", "400");
        let servers = Embedded::start(options).await.expect("the servers start");
        let lab = Self { servers, directory };
        lab.create_template("template_log", "").await;
        lab.create_template("template_keys", "keys").await;
        lab
    }

    /// A fresh, migrated database pair.
    pub async fn db() -> Db {
        let lab = Self::get().await;
        let name = format!("t{}", NAMES.fetch_add(1, Ordering::Relaxed));
        lab.admin(&format!("CREATE DATABASE {name} TEMPLATE template_log")).await;
        lab.admin(&format!("CREATE DATABASE {name}_keys TEMPLATE template_keys")).await;
        lab.admin(&format!("GRANT CREATE ON DATABASE {name} TO {}", roles::LOG)).await;
        let urls = lab.servers.endpoints();
        let of = |url: String, database: &str, own: &str| {
            url.replace(&format!("/{own}?"), &format!("/{database}?"))
        };
        let keys = format!("{name}_keys");
        Db {
            url: urls.supervisor_url(&name),
            keys_url: urls.supervisor_url(&keys),
            log_role_url: of(urls.postgres_url(), &name, "annals"),
            keys_role_url: of(urls.keys_url(), &keys, "annals_keys"),
            name,
        }
    }

    pub fn nats_url(&self, user: User) -> String {
        self.servers.nats_url(user)
    }

    /// A client as other people's programs are: async-nats takes no credentials from a URL.
    pub async fn plain_nats(&self, user: User) -> async_nats::Client {
        connect_nats(&self.nats_url(user)).await
    }

    /// What the servers are.
    pub fn versions(&self) -> String {
        let version = |program: &str, argument: &str| {
            let output = std::process::Command::new(program).arg(argument).output();
            output
                .map_or_else(|_| program.to_owned(), |o| String::from_utf8_lossy(&o.stdout).trim().to_owned())
        };
        let postgres =
            std::fs::read_to_string(self.directory.join("postgres/PG_VERSION")).unwrap_or_default();
        format!("PostgreSQL {}, {}", postgres.trim(), version("nats-server", "--version"))
    }

    async fn create_template(&self, name: &str, kind: &str) {
        self.admin(&format!("CREATE DATABASE {name} OWNER annals_owner")).await;
        let owner = self.servers.endpoints().owner_url().replace("/annals?", &format!("/{name}?"));
        match kind {
            "keys" => migrate_keys(&owner).await,
            _ => migrate_log(&owner).await,
        }
    }

    async fn admin(&self, sql: &str) {
        let mut admin = PgConnection::connect(&self.servers.admin_url()).await.unwrap();
        sqlx::raw_sql(sql).execute(&mut admin).await.unwrap();
        admin.close().await.unwrap();
    }
}

async fn migrate_log(owner_url: &str) {
    let pool = PgPool::connect(owner_url).await.unwrap();
    store::migrate(&pool).await.expect("the migrations apply");
    store::grant_log(&pool, roles::LOG).await.expect("the role is there");
    pool.close().await;
}

async fn migrate_keys(owner_url: &str) {
    let pool = PgPool::connect(owner_url).await.unwrap();
    store::migrate_keys(&pool).await.expect("the key store's migrations apply");
    store::grant_keys(&pool, roles::KEYS).await.expect("the role is there");
    pool.close().await;
}

impl Db {
    /// The databases of servers that a test has to itself, migrated.
    pub async fn of(servers: &Embedded, name: &str) -> Self {
        let urls = servers.endpoints();
        migrate_log(&urls.owner_url()).await;
        migrate_keys(&urls.keys_owner_url()).await;
        Self {
            url: urls.supervisor_url("annals"),
            keys_url: urls.supervisor_url("annals_keys"),
            log_role_url: urls.postgres_url(),
            keys_role_url: urls.keys_url(),
            name: name.to_owned(),
        }
    }

    pub async fn store(&self) -> Store {
        Store::connect(self.options()).await.expect("the store connects")
    }

    pub fn options(&self) -> StoreOptions {
        StoreOptions {
            database_url: self.log_role_url.clone(),
            keys_url: self.keys_role_url.clone(),
            pool_size: 8,
            cache_bytes: 8 << 20,
            slow_statement: Duration::from_secs(1),
            keys: ServerKeys {
                master: SecretBox::new(Box::new([1; 32])),
                index: SecretBox::new(Box::new([2; 32])),
                others: store::OtherKeys::default(),
            },
        }
    }

    /// What a program is told that shares this log, its NATS and all keys with others. Its stream is `S_<name>`,
    /// its subjects begin with `<name>.events`.
    pub fn program_settings(&self, lab: &Lab) -> Vec<(&'static str, String)> {
        let key = |byte: &str| byte.repeat(32);
        vec![
            ("DATABASE_URL", self.log_role_url.clone()),
            ("ANNALS_KEYS_URL", self.keys_role_url.clone()),
            ("NATS_URL", lab.nats_url(User::Roles)),
            ("ANNALS_NATS_RELAY_URL", lab.nats_url(User::Relay)),
            ("ANNALS_STREAM", format!("S_{}", self.name)),
            ("ANNALS_SUBJECT", format!("{}.events", self.name)),
            ("ANNALS_INGEST_STREAM", format!("S_{}_INGEST", self.name)),
            ("ANNALS_INGEST_SUBJECT", format!("{}.ingest", self.name)),
            ("JWT_SECRET_KEY", key("s")),
            // Those of `options`.
            ("ANNALS_MASTER_KEY", key("01")),
            ("ANNALS_INDEX_KEY", key("02")),
            ("ANNALS_CODES_KEY", key("03")),
            ("ANNALS_CLUSTER_KEY", key("04")),
        ]
    }

    pub async fn pool(&self) -> PgPool {
        PgPool::connect(&self.url).await.unwrap()
    }
}

/// Directories of test programs that are gone.
fn remove_leftovers() {
    let Ok(entries) = std::fs::read_dir(std::env::temp_dir()) else { return };
    for entry in entries.flatten() {
        let name = entry.file_name();
        let pid = name.to_str().and_then(|name| name.strip_prefix(DIRECTORY));
        if pid.is_some_and(|pid| !Path::new("/proc").join(pid).exists()) {
            std::fs::remove_dir_all(entry.path()).ok();
        }
    }
}

/// Connects with the credentials of a `nats://user:password@host:port` URL.
pub async fn connect_nats(url: &str) -> async_nats::Client {
    let rest = url.strip_prefix("nats://").expect("a NATS URL");
    let (credentials, address) = rest.split_once('@').expect("credentials");
    let (user, password) = credentials.split_once(':').expect("a password");
    async_nats::ConnectOptions::with_user_and_password(user.to_owned(), password.to_owned())
        .connect(address)
        .await
        .expect("NATS answers")
}
