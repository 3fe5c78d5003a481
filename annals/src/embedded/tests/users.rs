//! What each NATS user can and cannot do.

use super::*;

#[tokio::test]
async fn read_only_reads_with_a_durable_consumer_and_changes_nothing() {
    let scratch = Scratch::new("readonly");
    let embedded = scratch.start().await;
    let relay = with_stream(&embedded).await;
    let mut relay_stream = relay.get_stream("ANNALS").await.unwrap();

    let mut tail =
        connect(&embedded, User::ReadOnly).await.unwrap().subscribe("annals.events.>").await.unwrap();
    let reader = jetstream_of(&embedded, User::ReadOnly).await;
    let stream = reader.get_stream("ANNALS").await.unwrap();
    let config =
        jetstream::consumer::pull::Config { durable_name: Some("theirs".into()), ..Default::default() };
    let consumer: PullConsumer = stream.create_consumer(config).await.unwrap();
    let mut messages = consumer.messages().await.unwrap();
    for _ in 0..3 {
        let message = within("a message", messages.next()).await.unwrap().unwrap();
        within("an acknowledgement", message.double_ack()).await.unwrap();
        relay.publish("annals.events.user.user_renamed", "{}".into()).await.unwrap().await.unwrap();
        within("the live event", tail.next()).await.unwrap();
    }

    let published = reader.publish("annals.events.user.user_registered", "{}".into()).await.unwrap().await;
    assert!(published.is_err(), "publish");
    assert!(stream.purge().await.is_err(), "purge");
    assert!(stream.delete_message(1).await.is_err(), "delete a message");
    assert!(reader.delete_stream("ANNALS").await.is_err(), "delete the stream");
    let config =
        stream::Config { name: "ANNALS".into(), subjects: vec!["mine".into()], ..Default::default() };
    assert!(reader.update_stream(&config).await.is_err(), "update the stream");
    assert_eq!(relay_stream.info().await.unwrap().state.messages, 4);
    embedded.stop().await;
}

#[tokio::test]
async fn reader_deletes_no_consumer_neither_anothers_nor_the_programs() {
    let scratch = Scratch::new("consumers");
    let embedded = scratch.start().await;
    let relay = with_stream(&embedded).await;
    let theirs = jetstream_of(&embedded, User::ReadOnly).await.get_stream("ANNALS").await.unwrap();
    let config = |name: &str| jetstream::consumer::pull::Config {
        durable_name: Some(name.into()),
        ..Default::default()
    };
    let _: PullConsumer = theirs.create_consumer(config("theirs")).await.unwrap();
    let own = relay.get_stream("ANNALS").await.unwrap();
    let _: PullConsumer = own.create_consumer(config("ours")).await.unwrap();
    let other = jetstream_of(&embedded, User::ReadOnly).await.get_stream("ANNALS").await.unwrap();

    for name in ["theirs", "ours"] {
        assert!(other.delete_consumer(name).await.is_err(), "{name}");
    }

    assert_eq!(own.clone().info().await.unwrap().state.consumer_count, 2);
    own.delete_consumer("theirs").await.unwrap();
    embedded.stop().await;
}

/// A consumer's messages are published by the server itself, where the user's permissions are not asked.
#[tokio::test]
async fn read_only_cannot_make_the_server_publish_for_it() {
    let scratch = Scratch::new("deliver");
    let embedded = scratch.start().await;
    let mut relay_stream = with_stream(&embedded).await.get_stream("ANNALS").await.unwrap();
    let reader = jetstream_of(&embedded, User::ReadOnly).await;
    let stream = reader.get_stream("ANNALS").await.unwrap();

    for subject in ["annals.events.user.forged", "$JS.API.STREAM.PURGE.ANNALS"] {
        let config =
            jetstream::consumer::push::Config { deliver_subject: subject.into(), ..Default::default() };
        stream.create_consumer(config).await.ok();
    }
    let config =
        jetstream::consumer::pull::Config { durable_name: Some("theirs".into()), ..Default::default() };
    let _: PullConsumer = stream.create_consumer(config).await.unwrap();
    let client = connect(&embedded, User::ReadOnly).await.unwrap();
    for reply in ["annals.events.user.forged", "$JS.API.STREAM.PURGE.ANNALS"] {
        let next = "$JS.API.CONSUMER.MSG.NEXT.ANNALS.theirs";
        client.publish_with_reply(next, reply, "1".into()).await.unwrap();
        client.publish_with_reply("$JS.API.STREAM.INFO.ANNALS", reply, "".into()).await.unwrap();
        client.flush().await.unwrap();
    }
    sleep(Duration::from_millis(500)).await;

    assert_eq!(relay_stream.info().await.unwrap().state.messages, 1);
    embedded.stop().await;
}

#[tokio::test]
async fn ingest_publishes_under_its_subject_only() {
    let scratch = Scratch::new("ingest");
    let embedded = scratch.start().await;
    let mut events = with_stream(&embedded).await.get_stream("ANNALS").await.unwrap();
    let roles = connect(&embedded, User::Roles).await.unwrap();
    let mut heard = roles.subscribe("annals.ingest.>").await.unwrap();
    roles.flush().await.unwrap();

    let ingest = connect(&embedded, User::Ingest).await.unwrap();
    ingest.publish("annals.events.user.user_registered", "forged".into()).await.unwrap();
    ingest.publish("annals.ingest.activity.post", "{}".into()).await.unwrap();
    ingest.flush().await.unwrap();

    let message = within("the message", heard.next()).await.unwrap();
    assert_eq!(message.subject.as_str(), "annals.ingest.activity.post");
    assert_eq!(events.info().await.unwrap().state.messages, 1);
    embedded.stop().await;
}

#[tokio::test]
async fn open_users_keep_their_roles_on_any_stream() {
    let scratch = Scratch::new("open");
    let embedded = Embedded::start(Options { nats_open: true, ..scratch.options() }).await.unwrap();
    let relay = jetstream_of(&embedded, User::Relay).await;
    let subjects = vec!["t_ab12.events.>".to_owned()];
    relay
        .create_stream(stream::Config { name: "T_ab12".into(), subjects, ..Default::default() })
        .await
        .unwrap();
    relay.publish("t_ab12.events.x", "{}".into()).await.unwrap().await.unwrap();

    let roles = jetstream_of(&embedded, User::Roles).await;
    let stream = roles.get_stream("T_ab12").await.unwrap();
    assert_eq!(&stream.get_last_raw_message_by_subject("t_ab12.events.x").await.unwrap().payload[..], b"{}");
    assert!(stream.purge().await.is_err());
    embedded.stop().await;
}
