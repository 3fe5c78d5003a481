//! Servers that refuse, workers that die: every letter arrives, or is parked with its reason.

use crate::{
    rig::{Rig, until},
    smtp::{SmtpServer, mailer},
};
use sqlx::Row;
use workers::{Security, SmtpSettings};

/// The server has taken the mail and not said so yet: what was sent is recorded nowhere.
#[tokio::test]
async fn mail_of_a_worker_killed_before_done_is_sent_again_under_the_same_message_id() {
    let (rig, server) = (Rig::new().await, SmtpServer::start());
    let mut jane = rig.registers("silent@example.com").await;
    let killed = rig.workers(&server.mailer()).await;
    rig.asks_for_a_code(&mut jane).await;
    server.receives(1).await;
    drop(killed);

    let _workers = rig.workers(&server.mailer()).await;

    let mails = server.receives(2).await;
    assert_eq!(mails[0].header("Message-ID"), mails[1].header("Message-ID"));
    let rows = rig.settles(1).await;
    assert_eq!((rows[0].outcome.as_deref(), rows[0].attempts), (Some("sent"), 2));
    assert_eq!(server.received().len(), 2);
}

#[tokio::test]
async fn busy_server_is_asked_again() {
    let (rig, server) = (Rig::new().await, SmtpServer::start());
    let _workers = rig.workers(&server.mailer()).await;
    let mut jane = rig.registers("busy@example.com").await;

    rig.asks_for_a_code(&mut jane).await;

    let rows = rig.settles(1).await;
    assert_eq!((rows[0].outcome.as_deref(), rows[0].attempts), (Some("sent"), 2));
    assert_eq!(rows[0].last_error.as_deref(), Some("smtp-451"));
    assert_eq!(server.received().len(), 1);
}

#[tokio::test]
async fn refused_mail_is_parked_and_sent_when_an_operator_retries_it() {
    let (rig, server) = (Rig::new().await, SmtpServer::start());
    let _workers = rig.workers(&server.mailer()).await;
    let mut jane = rig.registers("refused@example.com").await;
    rig.asks_for_a_code(&mut jane).await;
    rig.settles(1).await;
    let parked = rig.jobs().list_parked(None, 10).await.unwrap();
    assert_eq!((parked[0].code.as_str(), parked[0].attempts), ("smtp-550", 1));
    assert_eq!(rig.jobs().counts().await.unwrap()[0].parked, 1);

    assert!(rig.jobs().retry(parked[0].id).await.unwrap());

    server.receives(1).await;
    assert_eq!(rig.settles(1).await[0].outcome.as_deref(), Some("sent"));
    assert!(!rig.jobs().retry(parked[0].id).await.unwrap(), "it is not parked any more");
}

#[tokio::test]
async fn released_mail_is_never_sent() {
    let (rig, server) = (Rig::new().await, SmtpServer::start());
    let _workers = rig.workers(&server.mailer()).await;
    for name in ["refused.one", "refused.two"] {
        let mut person = rig.registers(&format!("{name}@example.com")).await;
        rig.asks_for_a_code(&mut person).await;
    }
    rig.settles(2).await;
    let first = rig.jobs().list_parked(None, 1).await.unwrap();
    let second = rig.jobs().list_parked(first.last(), 1).await.unwrap();

    for parked in [&first[0], &second[0]] {
        assert!(rig.jobs().release(parked.id).await.unwrap());
    }

    assert!(rig.jobs().list_parked(None, 10).await.unwrap().is_empty());
    assert_eq!(rig.jobs().counts().await.unwrap(), []);
    assert!(server.received().is_empty());
}

#[tokio::test]
async fn absent_server_is_tried_to_the_last_attempt_and_then_parked() {
    let rig = Rig::new().await;
    let gone = SmtpServer::start().settings();
    let _workers = rig.workers(&mailer(gone)).await;
    let mut jane = rig.registers("jane@example.com").await;

    rig.asks_for_a_code(&mut jane).await;

    let rows = rig.settles(1).await;
    assert_eq!((rows[0].state.as_str(), rows[0].attempts), ("parked", 4));
    assert_eq!(rows[0].last_error.as_deref(), Some("smtp-connection"));
}

#[tokio::test]
async fn mail_never_goes_in_clear_where_starttls_is_asked_for() {
    let (rig, server) = (Rig::new().await, SmtpServer::start());
    let encrypted = SmtpSettings { security: Security::StartTls, ..server.settings() };
    let _workers = rig.workers(&mailer(encrypted)).await;
    let mut jane = rig.registers("jane@example.com").await;

    rig.asks_for_a_code(&mut jane).await;

    assert_eq!(rig.settles(1).await[0].state, "parked");
    assert!(server.received().is_empty());
}

#[tokio::test]
async fn mail_goes_over_starttls_where_the_server_offers_it_and_else_in_clear() {
    for (server, over_tls) in [(SmtpServer::start_with_tls(), true), (SmtpServer::start(), false)] {
        let rig = Rig::new().await;
        let if_offered = SmtpSettings { security: Security::IfOffered, ..server.settings() };
        let _workers = rig.workers(&mailer(if_offered)).await;
        let mut jane = rig.registers("jane@example.com").await;

        rig.asks_for_a_code(&mut jane).await;

        let mail = &server.receives(1).await[0].0;
        assert_eq!(mail.contains("X-Received-Over: TLS"), over_tls);
    }
}

#[tokio::test]
async fn server_that_asks_for_a_password_gets_it() {
    let server = SmtpServer::start_with_sign_in();
    for (password, error) in [("right password", None), ("wrong password", Some("smtp-535"))] {
        let rig = Rig::new().await;
        let credentials = Some(("annals".to_owned(), password.into()));
        let _workers = rig.workers(&mailer(SmtpSettings { credentials, ..server.settings() })).await;
        let mut jane = rig.registers("jane@example.com").await;

        rig.asks_for_a_code(&mut jane).await;

        assert_eq!(rig.settles(1).await[0].last_error.as_deref(), error);
    }
    assert_eq!(server.received().len(), 1);
}

/// The server's replies quote the address: of them only codes may be kept.
#[tokio::test]
async fn no_table_of_the_workers_holds_an_address() {
    let (rig, server) = (Rig::new().await, SmtpServer::start());
    let _workers = rig.workers(&server.mailer()).await;
    for name in ["planted.one", "busy.planted", "refused.planted"] {
        let mut person = rig.registers(&format!("{name}@example.com")).await;
        rig.asks_for_a_code(&mut person).await;
    }
    rig.settles(3).await;

    let tables =
        "SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables WHERE schemaname = 'workers'";
    let tables = sqlx::query(tables).fetch_all(&rig.pool).await.unwrap();

    assert!(tables.len() >= 2);
    for table in tables {
        let sql = format!("SELECT t::text AS row FROM {} AS t", table.get::<String, _>("name"));
        for row in sqlx::query(&sql).fetch_all(&rig.pool).await.unwrap() {
            let row: String = row.get("row");
            assert!(!row.contains("planted") && !row.contains("example.com"), "{row}");
        }
    }
    until("two of three are delivered", async || server.received().len() == 2).await;
}
