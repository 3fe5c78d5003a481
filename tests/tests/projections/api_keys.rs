//! The read model of API keys, and when keys were used.

use crate::{
    story::{at, stream},
    world::World,
};
use annals_tests::samples::{self, event, noon, random};
use chrono::TimeDelta;
use domain::{
    ApiKeyId, ChallengeId, Personal, SecretId, Subject, UserId,
    api_key::{
        ApiKeyConfirmed, ApiKeyCreated, ApiKeyEvent, ApiKeyRenamed, ApiKeyRevoked, ApiKeyTakenOver, Holder,
        RevokeCause,
    },
    user::{EmailChangeCancelled, EmailChangeCause, PasswordCause, PasswordChanged, UserErased, UserEvent},
    values::Scope,
};
use projections::{Activity, Numbered, SessionActivity, api_keys::query::ApiKeyStatus};

const FIRST: Numbered = Numbered { number: 1, size: 20 };
pub const KEY_NAME: &str = "Planted key";

fn created(holder: Holder, minute: i64) -> ApiKeyEvent {
    let name = holder.user().map(|user| Personal::new(Subject::of(user), KEY_NAME.to_owned()));
    let scope = if name.is_some() { Scope::ProfileRead } else { Scope::EventsWrite };
    let (created_at, expires_at) = (at(minute), at(minute) + TimeDelta::days(90));
    let epoch = holder.user().map(|_| 0);
    ApiKeyCreated {
        holder,
        name,
        scopes: [scope].into(),
        slot: 0,
        created_at,
        expires_at,
        epoch,
        made_by: None,
    }
    .into()
}

fn revoked(holder: Holder, minute: i64) -> ApiKeyEvent {
    ApiKeyRevoked { holder, cause: RevokeCause::Requested, revoked_at: at(minute) }.into()
}

fn confirmed(user: UserId, epoch: u32, minute: i64) -> ApiKeyEvent {
    ApiKeyConfirmed { user, epoch, confirmed_at: at(minute) }.into()
}

fn password(cause: PasswordCause, minute: i64) -> UserEvent {
    PasswordChanged { password: SecretId::default(), cause, changed_at: at(minute) }.into()
}

fn change_stopped(minute: i64) -> UserEvent {
    let (change, cause) = (ChallengeId::default(), EmailChangeCause::Stopped);
    EmailChangeCancelled { change, cause, cancelled_at: at(minute) }.into()
}

fn new_key() -> ApiKeyId {
    ApiKeyId::mint(noon(), random())
}

impl World {
    async fn key_event(&self, about: UserId, key: ApiKeyId, e: ApiKeyEvent) -> i64 {
        self.append(Subject::of(about), stream("api_key", key), vec![event(&e)]).await
    }

    /// A person's key is made, renamed and revoked, another stays, and a service has one.
    pub async fn have_keys(&self, user: UserId) {
        let (gone, stays) = (new_key(), new_key());
        let name = Personal::new(Subject::of(user), "Planted other name".to_owned());
        let renamed = ApiKeyRenamed { user, name, renamed_at: at(45) }.into();
        for e in [created(Holder::User(user), 44), renamed, revoked(Holder::User(user), 46)] {
            self.key_event(user, gone, e).await;
        }
        self.key_event(user, stays, created(Holder::User(user), 47)).await;
        self.key_event(user, stays, confirmed(user, 1, 49)).await;
        let (service, key) = (Holder::Service("planted".to_owned()), new_key());
        self.key_event(user, key, created(service.clone(), 48)).await;
        let taken_over = ApiKeyTakenOver { holder: service, by: user, taken_over_at: at(50), epoch: None };
        self.key_event(user, key, taken_over.into()).await;
    }
}

#[tokio::test]
async fn keys_are_listed_newest_first_each_to_its_own() {
    let world = World::new().await;
    let running = world.run();
    let (user, other) = (samples::new_user(), samples::new_user());
    world.have_keys(user).await;
    world.caught_up().await;
    running.stop().await;
    let queries = world.queries();

    let own = queries.list_api_keys(user, FIRST).await.unwrap();
    let services = queries.list_service_keys(None, FIRST).await.unwrap();

    let shown: Vec<_> = own.results.iter().map(|key| (key.name.as_deref(), key.status(at(50)))).collect();
    let gone = (Some("Planted other name"), ApiKeyStatus::Revoked);
    assert_eq!(shown, [(Some(KEY_NAME), ApiKeyStatus::Active), gone]);
    assert_eq!((own.count, own.results[0].version, own.results[1].version), (Some(2), 2, 3));
    assert_eq!(own.results[0].status(at(50) + TimeDelta::days(90)), ApiKeyStatus::Expired);
    assert_eq!(queries.list_api_keys(other, FIRST).await.unwrap().count, Some(0));
    assert_eq!(services.results[0].service.as_deref(), Some("planted"));
    assert_eq!(services.results[0].created_by, Some(format!("user:{user}")));
    let count = async |name| queries.list_service_keys(Some(name), FIRST).await.unwrap().count;
    assert_eq!((count("planted").await, count("unplanted").await), (Some(1), Some(0)));
    let found = queries.find_api_key(own.results[1].key_id).await.unwrap();
    assert_eq!(found.as_ref(), Some(&own.results[1]));
}

#[tokio::test]
async fn keys_sleep_from_a_reset_or_a_stopped_change_until_they_are_confirmed() {
    let world = World::new().await;
    let running = world.run();
    let ((jane, _), (john, _)) = (world.register().await, world.register().await);
    let [woken, asleep, later, johns] = std::array::from_fn(|_| new_key());
    for (user, key) in [(jane, woken), (jane, asleep), (john, johns)] {
        world.key_event(user, key, created(Holder::User(user), 1)).await;
    }
    world.user_event(jane, password(PasswordCause::Changed, 2)).await;
    world.user_event(jane, password(PasswordCause::Reset, 3)).await;
    world.key_event(jane, woken, confirmed(jane, 1, 4)).await;
    world.key_event(jane, later, created(Holder::User(jane), 5)).await;
    world.caught_up().await;
    let queries = world.queries();
    let since = async |key| queries.find_api_key(key).await.unwrap().unwrap().dormant_since;

    assert_eq!((since(woken).await, since(asleep).await), (None, Some(at(3))));
    assert_eq!((since(later).await, since(johns).await), (None, None));
    world.user_event(john, change_stopped(6)).await;
    world.caught_up().await;
    assert_eq!((since(johns).await, since(later).await), (Some(at(6)), None));
    running.stop().await;
    world.assert_equal_to_a_replay().await;
}

#[tokio::test]
async fn keys_of_the_erased_are_gone_and_come_back_by_no_later_event() {
    let world = World::new().await;
    let running = world.run();
    let ((user, _), key) = (world.register().await, new_key());
    world.key_event(user, key, created(Holder::User(user), 1)).await;
    let erased: UserEvent = UserErased { requested_at: at(2), erased_at: at(2) }.into();
    world.user_event(user, erased).await;
    world.key_event(user, key, revoked(Holder::User(user), 3)).await;
    world.caught_up().await;
    running.stop().await;

    assert_eq!(world.queries().find_api_key(key).await.unwrap(), None);
    world.assert_equal_to_a_replay().await;
}

#[tokio::test]
async fn use_of_keys_is_counted_beside_that_of_sessions() {
    let world = World::new().await;
    let (one, other) = (SessionActivity::new(&world.store, None), SessionActivity::new(&world.store, None));
    let (user, own, service) = (samples::new_user(), new_key(), new_key());
    one.api_keys().visit(own, Some(user), at(1));
    other.api_keys().visit(own, Some(user), at(3));
    other.api_keys().visit(service, None, at(2));

    let here = one.api_keys().of(&[own]).await.unwrap();
    assert_eq!(here[&own], Activity { last_active: at(1), pages_visited: 1 });
    assert_eq!((one.api_keys().write().await.unwrap(), other.api_keys().write().await.unwrap()), (1, 2));

    let seen = one.api_keys().of(&[own, service, new_key()]).await.unwrap();
    assert_eq!((seen.len(), seen[&own].pages_visited, seen[&own].last_active), (2, 2, at(3)));
    assert_eq!(world.count("SELECT count(*) FROM telemetry.session_activity").await, 0);
    assert_eq!(world.count("SELECT count(*) FROM telemetry.api_key_use WHERE user_id IS NULL").await, 1);
}
