//! Codes and tokens reach the right mailbox, or nobody.

use crate::{
    rig::{Rig, at},
    smtp::SmtpServer,
};
use domain::{Subject, user::PasswordCause};
use workers::{Backend, MailSettings, Mailer};

#[tokio::test]
async fn code_arrives_by_smtp() {
    let (rig, server) = (Rig::new().await, SmtpServer::start());
    let _workers = rig.workers(&server.mailer()).await;
    let mut jane = rig.registers("jane@example.com").await;

    let challenge = rig.asks_for_a_code(&mut jane).await;

    let mails = server.receives(1).await;
    let code = rig.codes.code(challenge);
    assert_eq!(mails[0].header("To"), "jane@example.com");
    assert_eq!(mails[0].header("Date"), "Thu, 15 Jan 2026 12:00:00 +0000");
    assert!(mails[0].0.matches(&code).count() == 2, "once as text, once as HTML: {}", mails[0].0);
    let rows = rig.settles(1).await;
    assert_eq!((rows[0].outcome.as_deref(), rows[0].attempts), (Some("sent"), 1));
}

#[tokio::test]
async fn reset_token_arrives_as_a_link_and_bare() {
    let (rig, server) = (Rig::new().await, SmtpServer::start());
    let _workers = rig.workers(&server.mailer()).await;
    let mut jane = rig.registers("jane@example.com").await;

    let challenge = rig.asks_for_a_reset(&mut jane).await;

    let mails = server.receives(1).await;
    let token = rig.codes.reset_token(challenge);
    assert!(mails[0].0.contains(&format!("https://annals.example/reset-password#token={token}\r\n")));
    assert!(mails[0].0.contains(&format!("\r\n{token}\r\n")), "{}", mails[0].0);
}

#[tokio::test]
async fn file_outbox_holds_the_same_mail() {
    let rig = Rig::new().await;
    let outbox = std::env::temp_dir().join(format!("annals-outbox-{}-{}", rig.db.name, std::process::id()));
    let backend = Backend::File { outbox: outbox.clone() };
    let _workers = rig.workers(&Mailer::new(&MailSettings { backend, ..Default::default() }).unwrap()).await;
    let mut jane = rig.registers("jane@example.com").await;

    let challenge = rig.asks_for_a_code(&mut jane).await;

    rig.settles(1).await;
    let files: Vec<_> = std::fs::read_dir(&outbox).unwrap().map(|entry| entry.unwrap().path()).collect();
    let mail = std::fs::read_to_string(&files[0]).unwrap();
    std::fs::remove_dir_all(&outbox).unwrap();
    let id = files[0].file_stem().unwrap().to_str().unwrap();
    assert!(mail.contains(&format!("Message-ID: <{id}@localhost>")), "{mail}");
    assert!(mail.contains(&rig.codes.code(challenge)));
}

/// Mails went into files, and go by another way by now.
#[tokio::test]
async fn files_of_a_former_outbox_are_forgotten_with_their_person() {
    let rig = Rig::new().await;
    let outbox = std::env::temp_dir().join(format!("annals-former-{}-{}", rig.db.name, std::process::id()));
    let backend = Backend::File { outbox: outbox.clone() };
    let workers = rig.workers(&Mailer::new(&MailSettings { backend, ..Default::default() }).unwrap()).await;
    for address in ["jane@example.com", "john@example.com"] {
        let mut person = rig.registers(address).await;
        rig.asks_for_a_code(&mut person).await;
    }
    rig.settles(2).await;
    drop(workers);
    let lying = || std::fs::read_dir(&outbox).unwrap().count();
    assert_eq!(lying(), 2);

    let settings = MailSettings { former_outbox: Some(outbox.clone()), ..Default::default() };
    let sent = Mailer::new(&settings).unwrap();
    sent.forget(&["jane@example.com".to_owned()].into()).await.unwrap();

    assert_eq!(lying(), 1);
    std::fs::remove_dir_all(&outbox).unwrap();
}

#[tokio::test]
async fn address_of_another_account_gets_a_notice_and_no_code() {
    let (rig, server) = (Rig::new().await, SmtpServer::start());
    let mut owner = rig.registers("owner@example.com").await;
    rig.verifies(&mut owner, "owner@example.com").await;
    let _workers = rig.workers(&server.mailer()).await;
    let mut other = rig.registers("Owner@Example.com").await;

    let challenge = rig.asks_for_a_code(&mut other).await;

    let mails = server.receives(1).await;
    assert_eq!(mails[0].header("Subject"), "Somebody tried to register with your address");
    assert!(!mails[0].0.contains(&rig.codes.code(challenge)));
    assert_eq!(rig.settles(1).await[0].outcome.as_deref(), Some("sent-notice"));
}

/// What is asked for while no worker runs is judged when one does.
#[tokio::test]
async fn letter_that_nobody_needs_any_more_is_not_sent() {
    let (rig, server) = (Rig::new().await, SmtpServer::start());
    let mut twice = rig.registers("twice@example.com").await;
    rig.asks_for_a_code(&mut twice).await;
    let current = rig.asks_for_a_code(&mut twice).await;
    let mut used = rig.registers("used@example.com").await;
    let answered = rig.asks_for_a_code(&mut used).await;
    rig.answers(&used, answered).await;
    let mut erased = rig.registers("erased@example.com").await;
    rig.asks_for_a_code(&mut erased).await;
    rig.store.keys().destroy(Subject::of(erased.id)).await.unwrap();
    let mut known = rig.registers("known@example.com").await;
    rig.asks_for_a_reset(&mut known).await;
    rig.changes_password(&mut known, PasswordCause::Changed).await;

    let _workers = rig.workers(&server.mailer()).await;

    let outcomes: Vec<_> = rig.settles(7).await.into_iter().map(|row| row.outcome.unwrap()).collect();
    assert_eq!(outcomes, ["superseded", "superseded", "sent", "used", "erased", "superseded", "no-address"]);
    let mails = server.received();
    assert_eq!(mails.len(), 1);
    assert!(mails[0].0.contains(&rig.codes.code(current)));
}

#[tokio::test]
async fn code_that_has_expired_is_not_sent() {
    let (rig, server) = (Rig::new().await, SmtpServer::start());
    let mut jane = rig.registers("jane@example.com").await;
    rig.asks_for_a_code(&mut jane).await;
    rig.clock.set(at(600));

    let _workers = rig.workers(&server.mailer()).await;

    assert_eq!(rig.settles(1).await[0].outcome.as_deref(), Some("expired"));
    assert!(server.received().is_empty());
}
