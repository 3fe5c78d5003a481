//! Badges as the program itself and the operator's services use them, without HTTP.

use crate::rig::{Rig, at};
use annals_tests::samples::new_user;
use commands::{Caller, CommandError, NewAward};
use domain::{
    AwardId, BadgeId, UserId,
    award::{Award, AwardError},
    badge::BadgeError,
};
use tokio::join;

fn program() -> Caller {
    Caller::system("award_badges")
}

pub fn gift(badge: BadgeId, user: UserId) -> NewAward {
    NewAward { badge, user, completion: None, notes: None, over_revocation: false }
}

#[tokio::test(flavor = "multi_thread")]
async fn catalogue_is_installed_once_however_many_nodes_start() {
    let rig = Rig::new().await;
    let other = rig.badges();

    let badges = rig.badges();
    let (one, two) = join!(badges.install_catalogue(), other.install_catalogue());
    let again = badges.install_catalogue().await.unwrap();

    assert_eq!(one.unwrap().defined + two.unwrap().defined, 14);
    assert_eq!((again.defined, again.displaced), (0, 0));
    assert_eq!(rig.store.reader().head().await.unwrap(), 14);
}

#[tokio::test(flavor = "multi_thread")]
async fn badge_is_found_by_id_slug_and_name() {
    let rig = Rig::new().await;
    let badges = rig.badges();
    badges.install_catalogue().await.unwrap();
    let expected = BadgeId::of_catalogue("first_post");

    for text in ["first_post", "First Post", " first  POST ", "first-post", &expected.to_string()] {
        assert_eq!(badges.find(text).await.unwrap(), expected, "{text}");
    }
    for text in ["", "first", "日本", "🏅"] {
        let error = badges.find(text).await.unwrap_err();
        assert_eq!(error.reason(), Some(&BadgeError::NotDefined), "{text}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn program_gives_a_badge_once() {
    let rig = Rig::new().await;
    let jane = rig.registers("jane@example.com").await.id;
    let badges = rig.badges();
    badges.install_catalogue().await.unwrap();
    let badge = BadgeId::of_catalogue("first_post");

    let (caller, awards) = (program(), || gift(badge, jane));
    let (one, two) = join!(badges.award(awards(), &caller), badges.award(awards(), &caller));

    assert_eq!(one.unwrap().events.len() + two.unwrap().events.len(), 1);
    let award = rig.store.load_fresh::<Award>(AwardId::of(jane, badge)).await.unwrap();
    assert_eq!((award.version, award.state.points), (1, 25));
}

#[tokio::test(flavor = "multi_thread")]
async fn badge_goes_to_people_who_are_there_only() {
    let rig = Rig::new().await;
    let mut leaving = rig.registers("jane@example.com").await;
    rig.asks_for_the_deletion(&mut leaving).await;
    let badges = rig.badges();
    badges.install_catalogue().await.unwrap();
    let badge = BadgeId::of_catalogue("first_post");

    for user in [leaving.id, new_user()] {
        let error = badges.award(gift(badge, user), &program()).await.unwrap_err();
        assert_eq!(error.reason(), Some(&AwardError::PersonNotFound));
    }
    let unknown = badges.award(gift(BadgeId::mint(at(0), [1; 10]), leaving.id), &program()).await;
    assert_eq!(unknown.unwrap_err().reason(), Some(&BadgeError::NotDefined));
}

#[tokio::test(flavor = "multi_thread")]
async fn strangers_give_nothing() {
    let rig = Rig::new().await;
    let jane = rig.registers("jane@example.com").await.id;
    let badges = rig.badges();
    badges.install_catalogue().await.unwrap();

    let refused = badges.award(gift(BadgeId::of_catalogue("first_post"), jane), &Caller::anonymous()).await;

    assert!(matches!(refused, Err(CommandError::Forbidden)), "{refused:?}");
}
