//! One append: all or nothing, dense positions, checked versions.

use annals_tests::{Lab, samples::*};
use domain::{UserId, user::User};
use store::{AppendError, StreamWrite, Submission};

#[tokio::test]
async fn positions_are_dense_over_all_streams_and_sequences_within_each() {
    let store = Lab::db().await.store().await;
    let (jane, john) = (new_user(), new_user());

    for (user, name) in [(jane, "jane"), (john, "john")] {
        let events = vec![event(&registered(user, name, "a@example.com"))];
        store.submit(submission(user_stream(user), 0, events)).await.unwrap();
        let events = vec![event(&profile_created(user)), event(&bio(user, "hello"))];
        store.submit(submission(profile_stream(user), 0, events)).await.unwrap();
    }

    let log = store.reader().after(0, 100).await.unwrap();
    assert_eq!(log.iter().map(|e| e.position).collect::<Vec<_>>(), [1, 2, 3, 4, 5, 6]);
    assert_eq!(log.iter().map(|e| e.sequence).collect::<Vec<_>>(), [1, 1, 2, 1, 1, 2]);
    assert!(log.windows(2).all(|pair| pair[0].recorded_at <= pair[1].recorded_at));
}

#[tokio::test]
async fn refuses_a_stale_version_and_says_where_the_stream_is() {
    let store = Lab::db().await.store().await;
    let user = new_user();
    let events = vec![event(&profile_created(user)), event(&bio(user, "one"))];
    store.submit(submission(profile_stream(user), 0, events)).await.unwrap();

    let stale = store.submit(submission(profile_stream(user), 1, vec![event(&bio(user, "two"))])).await;

    assert!(matches!(stale, Err(AppendError::Version { version: 2, .. })), "{stale:?}");
    assert_eq!(store.reader().head().await.unwrap(), 2);
}

#[tokio::test]
async fn several_streams_are_appended_together_or_not_at_all() {
    let store = Lab::db().await.store().await;
    let (fresh, taken) = (new_user(), new_user());
    store.submit(submission(profile_stream(taken), 0, vec![event(&profile_created(taken))])).await.unwrap();

    let both = |taken_version| Submission {
        writes: vec![
            StreamWrite::new(user_stream(fresh), 0, vec![event(&registered(fresh, "f", "f@example.com"))]),
            StreamWrite::new(profile_stream(taken), taken_version, vec![event(&bio(taken, "x"))]),
        ],
        metadata: metadata(),
        ..Submission::default()
    };

    assert!(store.submit(both(0)).await.is_err());
    assert_eq!(store.reader().head().await.unwrap(), 1);
    assert_eq!(store.submit(both(1)).await.unwrap().position, 3);
}

#[tokio::test]
async fn a_version_that_was_only_read_is_checked_too() {
    let store = Lab::db().await.store().await;
    let (reader, read) = (new_user(), new_user());
    let submit = |version| Submission {
        reads: vec![(profile_stream(read), version)],
        ..submission(profile_stream(reader), 0, vec![event(&profile_created(reader))])
    };
    store.submit(submission(profile_stream(read), 0, vec![event(&profile_created(read))])).await.unwrap();

    let stood_on_the_past = store.submit(submit(0)).await;

    assert!(matches!(stood_on_the_past, Err(AppendError::Version { version: 1, .. })));
    store.submit(submit(1)).await.unwrap();
}

/// The lost answer: the same event ids again are success, not a conflict and not a second event.
#[tokio::test]
async fn a_repeated_submission_recognises_its_own_work() {
    let store = Lab::db().await.store().await;
    let user = new_user();
    let written = event(&profile_created(user));
    let submit = || store.submit(submission(profile_stream(user), 0, vec![written.clone()]));

    let first = submit().await.unwrap();
    let again = submit().await.unwrap();

    assert_eq!(first, again);
    assert_eq!(store.reader().head().await.unwrap(), 1);
}

#[tokio::test]
async fn a_poisonous_command_fails_alone() {
    let store = Lab::db().await.store().await;
    let users: Vec<UserId> = (0..20).map(|_| new_user()).collect();
    let jobs = users.iter().enumerate().map(|(n, user)| {
        let mut poison = event(&profile_created(*user));
        if n == 7 {
            // PostgreSQL takes no NUL in text.
            poison.kind.version = "\0";
        }
        store.submit(submission(profile_stream(*user), 0, vec![poison]))
    });

    let outcomes = futures::future::join_all(jobs).await;

    let failed: Vec<usize> =
        outcomes.iter().enumerate().filter(|(_, o)| o.is_err()).map(|(n, _)| n).collect();
    assert_eq!(failed, [7]);
    assert_eq!(store.reader().head().await.unwrap(), 19);
}

#[tokio::test]
async fn the_cache_never_answers_for_what_the_log_does_not_hold() {
    let db = Lab::db().await;
    let (here, there) = (db.store().await, db.store().await);
    let user = new_user();
    here.submit(submission(user_stream(user), 0, vec![event(&registered(user, "jane", "j@example.com"))]))
        .await
        .unwrap();
    assert!(here.load::<User>(user).await.unwrap().fresh);
    assert!(!here.load::<User>(user).await.unwrap().fresh);
    let stale = submission(user_stream(user), 0, vec![event(&registered(user, "no", "n@example.com"))]);
    assert!(there.submit(stale).await.is_err());

    assert_eq!(here.load_fresh::<User>(user).await.unwrap().version, 1);
    assert_eq!(there.load::<User>(user).await.unwrap().version, 1);
}
