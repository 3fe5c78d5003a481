//! Starting, finding the data again, stopping, and what is refused.

use super::*;

#[tokio::test]
async fn first_start_makes_two_durable_utf8_databases() {
    let scratch = Scratch::new("first");

    let embedded = Embedded::start(Options::new(scratch.data())).await.unwrap();

    for url in [embedded.postgres_url(), embedded.keys_url(), embedded.admin_url()] {
        assert_eq!(setting(&url, "server_encoding").await, "UTF8");
    }
    for name in ["fsync", "full_page_writes", "synchronous_commit", "data_checksums"] {
        assert_eq!(setting(&embedded.postgres_url(), name).await, "on", "{name}");
    }
    assert_eq!(setting(&embedded.postgres_url(), "listen_addresses").await, "127.0.0.1");
    embedded.stop().await;
}

#[tokio::test]
async fn second_start_finds_the_data_at_the_same_urls() {
    let scratch = Scratch::new("second");
    let first = scratch.start().await;
    execute(&first.endpoints().supervisor_url("annals"), "CREATE TABLE kept AS SELECT 1").await;
    with_stream(&first).await;
    let urls = (first.postgres_url(), first.nats_url(User::Relay));
    let (postgres, nats) = first.pids();
    first.stop().await;
    assert!(is_gone(postgres.unwrap()) && is_gone(nats.unwrap()), "stop waits for both ends");

    let second = scratch.start().await;

    assert_eq!((second.postgres_url(), second.nats_url(User::Relay)), urls);
    execute(&second.endpoints().supervisor_url("annals"), "SELECT * FROM kept").await;
    let mut stream = jetstream_of(&second, User::Roles).await.get_stream("ANNALS").await.unwrap();
    assert_eq!(stream.info().await.unwrap().state.messages, 1);
    second.stop().await;
}

#[tokio::test]
async fn a_taken_port_is_replaced_by_another() {
    let scratch = Scratch::new("port");
    let first = scratch.start().await;
    let taken = first.endpoints().nats_port;
    first.stop().await;
    let _other = std::net::TcpListener::bind(("127.0.0.1", taken)).unwrap();

    let second = scratch.start().await;

    assert_ne!(second.endpoints().nats_port, taken);
    second.stop().await;
}

#[tokio::test]
async fn tuning_wins_over_the_built_in_settings() {
    let scratch = Scratch::new("tuning");
    let mut options = scratch.options();
    options.postgres =
        Tuning::default().disposable().with("shared_buffers", "32MB").with("max_connections", "50");

    let embedded = Embedded::start(options).await.unwrap();

    assert_eq!(setting(&embedded.postgres_url(), "shared_buffers").await, "32MB");
    assert_eq!(setting(&embedded.postgres_url(), "max_connections").await, "50");
    embedded.stop().await;
}

#[tokio::test]
async fn a_second_program_is_told_the_pid_of_the_first() {
    let scratch = Scratch::new("lock");
    let embedded = scratch.start().await;

    let error = Embedded::start(scratch.options()).await.err().unwrap().to_string();

    assert!(error.contains(&format!("pid {}", std::process::id())), "{error}");
    assert!(answers(&embedded.postgres_url()).await);
    embedded.stop().await;
}

#[tokio::test]
async fn endpoints_are_known_to_others_only_while_it_runs() {
    let scratch = Scratch::new("endpoints");
    assert!(Endpoints::of_running(&scratch.data()).unwrap().is_none());
    let embedded = scratch.start().await;

    let seen = Endpoints::of_running(&scratch.data()).unwrap().unwrap();

    assert_eq!(seen.postgres_url(), embedded.postgres_url());
    embedded.stop().await;
    assert!(Endpoints::of_running(&scratch.data()).unwrap().is_none());
}

#[tokio::test]
async fn a_server_that_cannot_start_shows_its_log() {
    let scratch = Scratch::new("broken");
    let mut options = scratch.options();
    options.postgres = Tuning::default().disposable().with("shared_buffers", "no number");

    let error = Embedded::start(options).await.err().unwrap().to_string();

    assert!(error.contains("PostgreSQL did not start") && error.contains("shared_buffers"), "{error}");
}

#[tokio::test]
async fn a_missing_nats_server_is_named() {
    let scratch = Scratch::new("missing");
    let mut options = scratch.options();
    options.nats_server = Some(PathBuf::from("/nowhere/nats-server"));

    let error = Embedded::start(options).await.err().unwrap().to_string();

    assert!(error.contains("/nowhere/nats-server"), "{error}");
}

#[test]
fn a_parent_that_the_server_account_may_not_enter_is_named() {
    let scratch = Scratch::new("parents");
    let closed = scratch.0.join("closed");
    fs::DirBuilder::new().mode(0o700).create(&closed).unwrap();
    let layout = layout::Layout::create(&closed.join("data")).unwrap();
    let account = Account { name: "somebody".into(), uid: 4242, gid: 4242 };

    assert!(!account.can_enter(&closed).unwrap());
    let error = account.check_parents(layout.root()).unwrap_err().to_string();

    assert!(error.contains("may not enter") && error.contains(closed.to_str().unwrap()), "{error}");
}

#[tokio::test]
async fn passwords_are_readable_by_the_owner_only() {
    let scratch = Scratch::new("modes");
    let embedded = scratch.start().await;

    let mode = |path: &str| fs::metadata(scratch.data().join(path)).unwrap().permissions().mode() & 0o7777;
    assert_eq!(mode("servers.json"), 0o600);
    assert_eq!(mode("postgres"), 0o700);
    assert_eq!(mode("") & 0o007, 0);
    assert_eq!(mode("nats/nats.conf") & 0o007, 0);
    assert!(!Path::new(&scratch.data().join("postgres.password")).exists());
    embedded.stop().await;
}
