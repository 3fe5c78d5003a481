//! What an account's owner is told after the fact.

use crate::{
    rig::{Rig, at, until},
    smtp::SmtpServer,
};
use domain::{api_key::Holder, user::PasswordCause};

#[tokio::test]
async fn new_password_is_noticed_at_the_verified_address() {
    let (rig, server) = (Rig::new().await, SmtpServer::start());
    let mut jane = rig.registers("jane@example.com").await;
    rig.verifies(&mut jane, "jane@example.com").await;
    let _workers = rig.workers(&server.mailer()).await;

    rig.changes_password(&mut jane, PasswordCause::Rehashed).await;
    rig.changes_password(&mut jane, PasswordCause::Reset).await;

    let mails = server.receives(1).await;
    assert_eq!(mails[0].header("To"), "jane@example.com");
    assert_eq!(mails[0].header("Subject"), "Your password was changed");
    rig.reaches_the_head("send_email").await;
    assert_eq!(rig.settles(1).await.len(), 1);
}

#[tokio::test]
async fn new_api_key_is_noticed_by_its_person_and_a_services_by_nobody() {
    let (rig, server) = (Rig::new().await, SmtpServer::start());
    let mut jane = rig.registers("jane@example.com").await;
    let stranger = rig.registers("unverified@example.com").await;
    rig.verifies(&mut jane, "jane@example.com").await;
    let _workers = rig.workers(&server.mailer()).await;

    for holder in [Holder::Service("etl".to_owned()), Holder::User(stranger.id), Holder::User(jane.id)] {
        rig.makes_a_key(holder).await;
    }

    let mails = server.receives(1).await;
    assert_eq!(mails[0].header("To"), "jane@example.com");
    assert_eq!(mails[0].header("Subject"), "An API key was made for your account");
    let outcomes: Vec<_> = rig.settles(2).await.into_iter().map(|row| row.outcome.unwrap()).collect();
    assert_eq!(outcomes, ["no-address", "sent"]);
}

#[tokio::test]
async fn who_asks_for_the_deletion_is_told_when_and_how_to_stay_unless_they_stayed() {
    let (rig, server) = (Rig::new().await, SmtpServer::start());
    let mut jane = rig.registers("jane@example.com").await;
    let mut john = rig.registers("john@example.com").await;
    rig.verifies(&mut jane, "jane@example.com").await;
    rig.verifies(&mut john, "john@example.com").await;
    rig.asks_for_the_deletion(&mut jane).await;
    rig.asks_for_the_deletion(&mut john).await;
    rig.takes_the_deletion_back(john.id).await;

    let _workers = rig.workers(&server.mailer()).await;

    let mails = server.receives(1).await;
    assert_eq!(mails[0].header("To"), "jane@example.com");
    assert_eq!(mails[0].header("Subject"), "Your account is going to be deleted");
    let due = at(14 * 86_400).format("%Y-%m-%d %H:%M UTC").to_string();
    assert!(mails[0].0.contains(&due) && mails[0].0.contains("keep the account"), "{}", mails[0].0);
    until("the letters are settled", async || {
        let letters = rig.rows().await.into_iter().filter(|job| job.kind == "send_email");
        letters.map(|job| job.outcome).collect::<Vec<_>>() == [Some("sent".into()), Some("superseded".into())]
    })
    .await;
}

#[tokio::test]
async fn former_address_is_told_that_it_was_replaced() {
    let (rig, server) = (Rig::new().await, SmtpServer::start());
    let _workers = rig.workers(&server.mailer()).await;
    let mut jane = rig.registers("old@example.com").await;
    rig.verifies(&mut jane, "old@example.com").await;
    rig.changes_password(&mut jane, PasswordCause::Rehashed).await;

    rig.verifies(&mut jane, "new@example.com").await;

    let mails = server.receives(1).await;
    assert_eq!(mails[0].header("To"), "old@example.com");
    assert_eq!(mails[0].header("Subject"), "The address of your account was changed");
    assert!(!mails[0].0.contains("new@example.com"));
}

#[tokio::test]
async fn first_address_and_the_same_address_again_replace_nothing() {
    let (rig, server) = (Rig::new().await, SmtpServer::start());
    let mut jane = rig.registers("jane@example.com").await;
    for _ in 0..2 {
        rig.changes_password(&mut jane, PasswordCause::Rehashed).await;
    }
    rig.verifies(&mut jane, "jane@example.com").await;
    rig.verifies(&mut jane, "Jane@Example.com").await;

    let _workers = rig.workers(&server.mailer()).await;

    let outcomes: Vec<_> = rig.settles(2).await.into_iter().map(|row| row.outcome.unwrap()).collect();
    assert_eq!(outcomes, ["first-address", "same-address"]);
    assert!(server.received().is_empty());
}
