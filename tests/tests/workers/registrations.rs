//! Registrations that nobody verifies: their code is sent again while it is out, and they are over in time (AUTH-09,
//! AUTH-01).

use crate::rig::{Rig, at, until};
use commands::{Caller, CommandError, Registration, TypedCode};
use domain::{
    ClaimKind, UserId,
    user::User,
    values::{Email, Username},
};
use futures::StreamExt;
use secrecy::SecretString;

const DAY: i64 = 86_400;
const RACES: i64 = 200;

impl Rig {
    async fn registration(&self, username: &str, email: &str) -> UserId {
        let form = Registration {
            username: Username::parse(username).unwrap(),
            email: Email::parse(email).unwrap(),
            password: "a long walk at dusk".into(),
        };
        self.accounts().register(form, &Caller::anonymous()).await.unwrap().user
    }

    pub async fn account(&self, id: UserId) -> User {
        self.store.load_fresh::<User>(id).await.unwrap().state
    }

    async fn code_of(&self, id: UserId) -> String {
        self.codes.code(self.account(id).await.verification.unwrap().challenge)
    }

    async fn types(&self, name: &str, code: &str) -> Result<(), CommandError> {
        let code = SecretString::from(code);
        let typed = TypedCode { code: &code, token: None };
        self.accounts().verify_contact(name, typed, &[], &Caller::anonymous()).await.map(drop)
    }

    /// The events of an account, by their names.
    async fn story(&self, id: UserId) -> Vec<String> {
        let events = self.store.reader().stream("user", &id.to_string(), 0, 50).await.unwrap();
        events.into_iter().map(|event| event.event_type).collect()
    }
}

#[tokio::test]
async fn code_that_is_out_is_sent_again_once_a_minute_and_replaced_when_it_is_over() {
    let rig = Rig::new().await;
    let person = rig.registration("jane", "jane@example.com").await;
    let code = rig.code_of(person).await;
    let mails = async || {
        let sql =
            "SELECT count(*) FROM es.events WHERE event_type IN ('challenge_issued', 'challenge_resent')";
        sqlx::query_scalar::<_, i64>(sql).fetch_one(&rig.pool).await.unwrap()
    };
    for (seconds, sent) in [(59, 1), (60, 2), (61, 2), (119, 2), (120, 3)] {
        rig.clock.set(at(seconds));
        rig.accounts().resend_code("jane@example.com", None, &Caller::anonymous()).await.unwrap();
        until("the answer's work is done", async || mails().await == sent).await;
        assert_eq!(rig.code_of(person).await, code, "{seconds}");
    }
    rig.clock.set(at(560));

    rig.accounts().resend_code("jane", None, &Caller::anonymous()).await.unwrap();

    until("another code is out", async || rig.code_of(person).await != code).await;
    assert!(rig.types("jane@example.com", &code).await.is_err());
    rig.types("jane@example.com", &rig.code_of(person).await).await.unwrap();
}

#[tokio::test]
async fn registration_that_nobody_verifies_is_over_after_three_days_and_its_names_are_free() {
    let rig = Rig::new().await;
    let _projections = rig.projections();
    let mailer = rig.no_mail();
    let _workers = rig.workers(&mailer).await;
    let lost = rig.registration("jane", "jane@example.com").await;
    let kept = rig.registration("john", "john@example.com").await;
    rig.types("john@example.com", &rig.code_of(kept).await).await.unwrap();
    until("the read model has both", async || {
        let sql = "SELECT count(*) FROM p_accounts.accounts WHERE is_verified = (username = 'john')";
        sqlx::query_scalar::<_, i64>(sql).fetch_one(&rig.pool).await.is_ok_and(|count| count == 2)
    })
    .await;

    rig.clock.set(at(3 * DAY));
    assert_eq!(rig.asks_for("expire-registrations", 3 * DAY).await, "expired");
    assert!(rig.account(lost).await.is_registered(), "not a moment earlier");
    rig.clock.set(at(3 * DAY + 1));
    assert_eq!(rig.asks_for("expire-registrations", 3 * DAY + 1).await, "expired");

    assert!(!rig.account(lost).await.is_registered() && rig.account(kept).await.is_registered());
    assert_eq!(rig.store.claim_owner(ClaimKind::Username, "jane").await.unwrap(), None);
    let waiting = rig.store.claim_owners(ClaimKind::AwaitedEmail, "jane@example.com", 9).await.unwrap();
    assert_eq!(waiting, Vec::<uuid::Uuid>::new());
    until("its data key is destroyed", async || {
        rig.account(lost).await.erased.is_some_and(|erased| erased.is_certified)
    })
    .await;
    rig.registration("jane", "jane@example.com").await;
}

#[tokio::test]
async fn of_a_verification_and_an_expiry_that_meet_exactly_one_happens() {
    let rig = Rig::new().await;
    let (mut verified, mut expired) = (0, 0);
    for n in 0..RACES {
        let mut person = rig.registers(&format!("jane{n}@example.com")).await;
        let code = rig.codes.code(rig.asks_for_a_code(&mut person).await);
        let (name, accounts, caller) = (person.id.to_string(), rig.accounts(), Caller::system("test"));
        let expiry = async {
            // Each goes first now and then.
            for _ in 0..n % 7 {
                tokio::task::yield_now().await;
            }
            accounts.expire_registration(person.id, at(DAY), &caller).await
        };
        let (typed, ended) = tokio::join!(rig.types(&name, &code), expiry);
        ended.unwrap();

        let story = rig.story(person.id).await;
        let has = |name: &str| story.iter().any(|event| event == name);
        assert_ne!(has("contact_verified"), has("user_erased"), "{story:?}");
        assert_eq!(typed.is_ok(), has("contact_verified"), "{typed:?} {story:?}");
        verified += i64::from(typed.is_ok());
        expired += i64::from(typed.is_err());
    }
    assert_eq!(verified + expired, RACES);
}

#[tokio::test]
async fn of_guesses_and_the_right_code_at_once_five_wrong_ones_close_the_door() {
    let rig = Rig::new().await;
    let race = async |n: i64| {
        let mut person = rig.registers(&format!("jim{n}@example.com")).await;
        let challenge = rig.asks_for_a_code(&mut person).await;
        let (code, name) = (rig.codes.code(challenge), person.id.to_string());
        let right = usize::try_from(n % 10).unwrap();
        let typed = (0..10).map(|place| {
            let wrong = if code == "000000" { "111111" } else { "000000" };
            rig.types(&name, if place == right { &code } else { wrong })
        });
        let outcomes = futures::future::join_all(typed).await;

        let events = rig.store.reader().stream("challenge", &challenge.to_string(), 0, 50).await.unwrap();
        let story: Vec<&str> = events.iter().map(|event| &*event.event_type).collect();
        let passed = story.iter().position(|event| *event == "challenge_passed");
        assert!(story.iter().filter(|event| **event == "challenge_failed").count() <= 5, "{story:?}");
        assert_eq!(outcomes[right].is_ok(), passed.is_some(), "{story:?}");
        assert!(
            passed.is_none_or(|place| place <= 5),
            "the issue and four failures may stand before it: {story:?}"
        );
        assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), usize::from(passed.is_some()));
    };
    futures::stream::iter(0..RACES).map(race).buffer_unordered(16).collect::<Vec<()>>().await;
}

#[tokio::test]
async fn registrations_that_are_over_share_the_purge_of_the_disks() {
    const OVER: i64 = 24;
    let rig = Rig::new().await;
    let _projections = rig.projections();
    let mailer = rig.no_mail();
    let _workers = rig.workers(&mailer).await;
    for n in 0..OVER {
        rig.registers(&format!("jo{n}@example.com")).await;
    }
    let count = async |sql: &'static str| {
        sqlx::query_scalar::<_, i64>(sql).fetch_one(&rig.pool).await.unwrap_or_default()
    };
    until("the read model has them", async || {
        count("SELECT count(*) FROM p_accounts.accounts").await == OVER
    })
    .await;
    rig.clock.set(at(4 * DAY));

    assert_eq!(rig.asks_for("expire-registrations", 4 * DAY).await, "expired");

    let certified = "SELECT count(*) FROM es.events WHERE event_type = 'erasure_certified'";
    for share in [OVER / 4, OVER] {
        until("they are certified", async || count(certified).await >= share).await;
    }
    let generation = "SELECT generation::bigint FROM projections.cursors WHERE projection = 'accounts'";
    let purges = count(generation).await - 1;
    assert!((1..=OVER / 6).contains(&purges), "{purges} purges for {OVER} erasures");
}
