//! Programs of the Python package index that tests use as peers, installed once below the build's own folder.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot be set up has failed")]

use std::{
    borrow::BorrowMut,
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::{Mutex, PoisonError},
    thread,
    time::{Duration, Instant},
};

const INSTALLING: Duration = Duration::from_secs(180);
/// One test of this program installs, the others wait for it.
static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());

/// The folder that `PYTHONPATH` needs for a package (`name==version`).
///
/// Debian has pip only inside of virtual environments, or none of these at all without python3-venv: then pip itself is
/// tried.
pub fn packages(package: &str) -> PathBuf {
    let program = std::env::current_exe().unwrap();
    // `<target>/<profile>/deps/<test program>`
    let parent = program.ancestors().nth(3).unwrap().join("tmp");
    let done = parent.join(package);
    let _guard = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
    if done.is_dir() {
        return done;
    }
    fs::create_dir_all(&parent).unwrap();
    let fresh = parent.join(format!("{package}-{}", std::process::id()));
    let (venv, target) = (fresh.join("venv"), fresh.join("packages"));
    let with_venv = || {
        run(Command::new("python3").args(["-m", "venv"]).arg(&venv))?;
        run(pip(venv.join("bin/python"), &target, package))
    };
    let installed = with_venv().or_else(|venv| {
        run(pip("python3".into(), &target, package))
            .map_err(|pip| format!("with venv: {venv}\nwith pip: {pip}"))
    });
    // Another test program may have been first.
    let result = installed.map(|()| fs::rename(&target, &done).is_ok() || done.is_dir());
    fs::remove_dir_all(&fresh).ok();
    match result {
        Ok(true) => done,
        Ok(false) => panic!("{} could not be moved to {}", target.display(), done.display()),
        Err(why) => panic!(
            "{package}, which these tests need, could not be installed; it needs python3 with venv or pip \
             (Debian, Ubuntu: apt install python3-venv) and access to a Python package index\n{why}"
        ),
    }
}

fn pip(python: PathBuf, target: &Path, package: &str) -> Command {
    let mut command = Command::new(python);
    command.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--target"]);
    command.arg(target).arg(package);
    command
}

fn run(mut command: impl BorrowMut<Command>) -> Result<(), String> {
    let command = command.borrow_mut();
    let spawned = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn();
    let mut child = spawned.map_err(|error| format!("{command:?}: {error}"))?;
    let begun = Instant::now();
    while child.try_wait().map_err(|error| error.to_string())?.is_none() {
        if begun.elapsed() > INSTALLING {
            child.kill().ok();
        }
        thread::sleep(Duration::from_millis(50));
    }
    let output = child.wait_with_output().map_err(|error| error.to_string())?;
    let said = String::from_utf8_lossy(&output.stderr);
    output.status.success().then_some(()).ok_or_else(|| format!("{command:?}: {}: {said}", output.status))
}
