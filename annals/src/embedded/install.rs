//! Finds the installed server binaries. It downloads and installs nothing.

use std::env;
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, anyhow};

const OLDEST: u32 = 15;

/// Folders with one subfolder per version, which has the binaries in `bin`.
const POSTGRES_PARENTS: [&str; 6] = [
    "/usr/lib/postgresql",
    "/usr",
    "/usr/local",
    "/opt/homebrew/opt",
    "/usr/local/opt",
    "/home/linuxbrew/.linuxbrew/opt",
];

const SERVER_FOLDERS: [&str; 5] =
    ["/usr/sbin", "/usr/bin", "/usr/local/bin", "/opt/homebrew/bin", "/home/linuxbrew/.linuxbrew/bin"];

/// The binaries of one PostgreSQL version.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Postgres {
    pub(super) major: u32,
    folder: PathBuf,
}

impl Postgres {
    /// The newest installed version, or exactly the one that made an existing database.
    pub(super) fn find(made_by: Option<u32>) -> Result<Self> {
        let mut found: Vec<Self> =
            candidates().into_iter().filter_map(|folder| Self::in_folder(&folder)).collect();
        found.sort();
        match made_by {
            None => newest(found),
            Some(major) => found.into_iter().rev().find(|postgres| postgres.major == major).ok_or_else(|| {
                anyhow!("the database in the data directory was made by PostgreSQL {major}, which is not installed")
            }),
        }
    }

    pub(super) fn program(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    fn in_folder(folder: &Path) -> Option<Self> {
        let server = folder.join("postgres").canonicalize().ok()?;
        let folder = server.parent()?.to_owned();
        if !folder.join("initdb").is_file() {
            return None;
        }
        let version = output(&server, &["--version"])?;
        let major = version.split(") ").nth(1).and_then(leading_number)?;
        Some(Self { major, folder })
    }
}

fn newest(found: Vec<Postgres>) -> Result<Postgres> {
    match found.into_iter().next_back() {
        Some(postgres) if postgres.major >= OLDEST => Ok(postgres),
        Some(postgres) => Err(anyhow!(
            "PostgreSQL {OLDEST} or newer is needed, and the newest one installed is {} in {}",
            postgres.major,
            postgres.folder.display(),
        )),
        None => Err(anyhow!(
            "no PostgreSQL server was found: install version {OLDEST} or newer \
             (Debian, Ubuntu: apt install postgresql; macOS: brew install postgresql), \
             or set DATABASE_URL and NATS_URL to servers of your own"
        )),
    }
}

fn candidates() -> Vec<PathBuf> {
    let parents = POSTGRES_PARENTS.iter().flat_map(|parent| subfolders(Path::new(parent)));
    let versioned = parents.filter(|folder| looks_versioned(folder)).map(|folder| folder.join("bin"));
    let configured = output(Path::new("pg_config"), &["--bindir"]).map(|folder| PathBuf::from(folder.trim()));
    let mut folders: Vec<PathBuf> = versioned.chain(configured).chain(search_path()).collect();
    folders.retain(|folder| folder.join("postgres").is_file());
    folders.sort();
    folders.dedup();
    folders
}

/// `17` below Debian's folder, `pgsql-17` of Red Hat, `postgresql@17` of Homebrew.
fn looks_versioned(path: &Path) -> bool {
    let name = path.file_name().and_then(OsStr::to_str).unwrap_or_default();
    name.starts_with("postgresql") || name.starts_with("pgsql") || name.parse::<u32>().is_ok()
}

fn subfolders(parent: &Path) -> impl Iterator<Item = PathBuf> {
    fs::read_dir(parent).into_iter().flatten().flatten().map(|entry| entry.path())
}

fn search_path() -> Vec<PathBuf> {
    env::var_os("PATH")
        .map(|path| env::split_paths(&path).filter(|p| p.is_absolute()).collect())
        .unwrap_or_default()
}

/// The given nats-server, or the first one found.
pub(super) fn nats_server(given: Option<&Path>) -> Result<PathBuf> {
    if let Some(given) = given {
        let found = given.canonicalize().ok().filter(|path| path.is_file());
        return found.with_context(|| format!("there is no nats-server at {}", given.display()));
    }
    find_program("nats-server").context(
        "no nats-server was found: install it (Debian, Ubuntu: apt install nats-server; \
         macOS: brew install nats-server), or set DATABASE_URL and NATS_URL to servers of your own",
    )
}

/// A program by its name: in PATH, or where system packages put servers.
pub(super) fn find_program(name: &str) -> Option<PathBuf> {
    let folders = search_path().into_iter().chain(SERVER_FOLDERS.iter().map(PathBuf::from));
    folders.map(|folder| folder.join(name)).find(|path| path.is_file())
}

fn output(program: &Path, arguments: &[&str]) -> Option<String> {
    let output = Command::new(program).args(arguments).current_dir("/").output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}

/// The number that a text begins with.
pub(super) fn leading_number(text: &str) -> Option<u32> {
    let text = text.trim_start();
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    text.get(..end)?.parse().ok()
}
