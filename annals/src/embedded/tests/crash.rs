//! Killed servers, killed programs, and what they leave behind.

use super::*;

#[tokio::test]
async fn killed_servers_come_back_on_the_same_ports() {
    let scratch = Scratch::new("restart");
    let embedded = scratch.start().await;
    let before = embedded.pids();

    embedded.kill_postgres();
    embedded.kill_nats();

    let is_new = |pids: (Option<u32>, Option<u32>)| {
        pids.0.is_some_and(|pid| Some(pid) != before.0) && pids.1.is_some_and(|pid| Some(pid) != before.1)
    };
    until("both servers have new pids", || is_new(embedded.pids())).await;
    within("PostgreSQL answers", async {
        while !answers(&embedded.postgres_url()).await {
            sleep(Duration::from_millis(50)).await;
        }
    })
    .await;
    within("NATS answers", async {
        while connect(&embedded, User::Roles).await.is_err() {
            sleep(Duration::from_millis(50)).await;
        }
    })
    .await;
    embedded.stop().await;
}

#[tokio::test]
async fn a_server_stays_down_while_supervision_is_suspended() {
    let scratch = Scratch::new("suspend");
    let embedded = scratch.start().await;
    embedded.suspend_supervision(true);

    embedded.kill_nats();
    until("NATS is down", || embedded.pids().1.is_none()).await;
    sleep(Duration::from_millis(500)).await;
    assert_eq!(embedded.pids().1, None);
    embedded.suspend_supervision(false);

    until("NATS is up again", || embedded.pids().1.is_some()).await;
    embedded.stop().await;
}

#[tokio::test]
async fn dropping_it_ends_both_servers() {
    let scratch = Scratch::new("drop");
    let embedded = scratch.start().await;
    let (postgres, nats) = embedded.pids();

    drop(embedded);

    until("both servers are gone", || is_gone(postgres.unwrap()) && is_gone(nats.unwrap())).await;
}

#[test]
fn it_outlives_the_runtime_that_started_it() {
    let scratch = Scratch::new("runtime");
    let runtime = || tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let embedded = runtime().block_on(scratch.start());

    runtime().block_on(async {
        embedded.kill_nats();
        until("NATS is down", || embedded.pids().1.is_none()).await;
        until("NATS is up again", || embedded.pids().1.is_some()).await;
        embedded.stop().await;
    });
}

/// Run twice: as the test, and in a program of its own that holds the servers until it is killed.
#[tokio::test]
async fn after_kill_nine_of_the_program_the_next_start_has_the_directory_to_itself() {
    if let Some(data) = env::var_os(CHILD_DATA_DIR) {
        let embedded = Embedded::start(Options::new(data.clone())).await.unwrap();
        execute(&embedded.endpoints().supervisor_url("annals"), "CREATE TABLE kept AS SELECT 1").await;
        let (postgres, nats) = embedded.pids();
        let ready = PathBuf::from(data).join("ready");
        fs::write(ready.with_extension("part"), format!("{} {}", postgres.unwrap(), nats.unwrap())).unwrap();
        fs::rename(ready.with_extension("part"), ready).unwrap();
        sleep(LIMIT * 2).await;
        return;
    }
    let scratch = Scratch::new("kill");
    let name = "after_kill_nine_of_the_program_the_next_start_has_the_directory_to_itself";
    let module = module_path!().split_once("::").unwrap().1;
    let mut child = Command::new(env::current_exe().unwrap())
        .args(["--exact", &format!("{module}::{name}")])
        .env(CHILD_DATA_DIR, scratch.data())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let ready = scratch.data().join("ready");
    until("the child program is up", || ready.exists()).await;
    let pids: Vec<u32> =
        fs::read_to_string(ready).unwrap().split(' ').map(|pid| pid.parse().unwrap()).collect();

    child.kill().unwrap();
    child.wait().unwrap();
    if cfg!(target_os = "linux") {
        until("the servers ended with the program", || pids.iter().all(|&pid| is_gone(pid))).await;
    }
    let embedded = scratch.start().await;

    execute(&embedded.endpoints().supervisor_url("annals"), "SELECT * FROM kept").await;
    assert!(pids.iter().all(|&pid| is_gone(pid)), "nothing of the killed program is left");
    embedded.stop().await;
}

/// Starts the servers of an earlier run again as if it had been killed on a system without `setpriv`.
#[cfg(target_os = "linux")]
fn leave_behind(commands: [Vec<u8>; 2], data: &Path) -> [std::process::Child; 2] {
    use std::os::unix::{fs::MetadataExt, process::CommandExt};
    let owner = fs::metadata(data.join("postgres")).unwrap();
    commands.map(|command| {
        let words: Vec<&str> = std::str::from_utf8(&command).unwrap().split_terminator('\0').collect();
        let mut again = Command::new(words[0]);
        if nix::unistd::Uid::effective().is_root() {
            again.uid(owner.uid()).gid(owner.gid());
        }
        again.args(&words[1..]).current_dir("/").stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
    })
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn servers_that_were_left_behind_are_replaced_even_when_paused() {
    let scratch = Scratch::new("leftover");
    let first = scratch.start().await;
    let url = first.endpoints().supervisor_url("annals");
    execute(&url, "CREATE TABLE kept AS SELECT 1").await;
    let (postgres, nats) = first.pids();
    let commands = [postgres, nats].map(|pid| fs::read(format!("/proc/{}/cmdline", pid.unwrap())).unwrap());
    first.stop().await;
    let [mut postgres, mut nats] = leave_behind(commands, &scratch.data());
    fs::write(scratch.data().join("run/nats.pid"), nats.id().to_string()).unwrap();
    within("PostgreSQL answers", async {
        while !answers(&url).await {
            sleep(Duration::from_millis(50)).await;
        }
    })
    .await;
    send(postgres.id(), Signal::SIGSTOP);
    send(nats.id(), Signal::SIGSTOP);

    let second = scratch.start().await;

    assert!(postgres.try_wait().unwrap().is_some_and(|status| status.success()));
    assert!(nats.try_wait().unwrap().is_some_and(|status| status.success()));
    assert_eq!(second.endpoints().supervisor_url("annals"), url, "their ports are free again");
    execute(&url, "SELECT * FROM kept").await;
    second.stop().await;
}

#[tokio::test]
async fn a_pid_file_that_names_somebody_else_harms_nobody() {
    let scratch = Scratch::new("stale");
    scratch.start().await.stop().await;
    let mut stranger = Command::new("sleep").arg("60").spawn().unwrap();
    let pid = stranger.id();
    for file in ["run/nats.pid", "run/postgres.pid"] {
        fs::write(scratch.data().join(file), pid.to_string()).unwrap();
    }
    fs::write(scratch.data().join("postgres/postmaster.pid"), format!("{pid}\n/elsewhere\n")).unwrap();

    let embedded = scratch.start().await;

    assert!(stranger.try_wait().unwrap().is_none(), "the stranger still runs");
    stranger.kill().unwrap();
    stranger.wait().unwrap();
    embedded.stop().await;
}
