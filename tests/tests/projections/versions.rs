//! One event in several versions: commands and projections read the former one alike, and neither reads a newer one.

use crate::world::World;
use annals_tests::samples::noon;
use chrono::{DateTime, TimeDelta, Utc};
use commands::{
    AccountSettings, Accounts, Caller, Codes, CommandError, Executor, FixedClock, Passwords, Registration,
    SystemMint, TypedCode,
};
use domain::{
    ChallengeId, UserId,
    challenge::Challenge,
    values::{Email, Username},
};
use std::sync::Arc;

const CODES: [u8; 32] = [9; 32];

/// Somebody who waits for the code of a registration.
struct Waiting {
    world: World,
    accounts: Accounts,
    user: UserId,
    challenge: ChallengeId,
}

impl Waiting {
    async fn new() -> Self {
        let world = World::new().await;
        let clock = Arc::new(FixedClock::new(noon()));
        let executor = Executor::new(world.store.clone(), clock, Arc::new(SystemMint));
        let passwords = Passwords::new(1, Arc::new(SystemMint));
        let accounts = Accounts::new(executor, passwords, Codes::new(&CODES), AccountSettings::default());
        let form = Registration {
            username: Username::parse("jane").unwrap(),
            email: Email::parse("jane@example.com").unwrap(),
            password: "a long walk at dusk".into(),
        };
        let user = accounts.register(form, &Caller::anonymous()).await.unwrap().user;
        let challenge =
            sqlx::query_scalar("SELECT aggregate_id FROM es.events WHERE event_type = 'challenge_issued'");
        let challenge: String = challenge.fetch_one(&world.pool).await.unwrap();
        Self { accounts, user, challenge: ChallengeId::from_uuid(challenge.parse().unwrap()), world }
    }

    /// A wrong answer as a program of this version stored it.
    async fn failed(&self, attempt: u32, version: &str, more: &str) {
        let failed_at: DateTime<Utc> = noon() + TimeDelta::seconds(1);
        let payload = format!(
            r#"{{"type":"challenge_failed","user":"{}","attempt":{attempt},"failed_at":"{}"{more}}}"#,
            self.user,
            failed_at.to_rfc3339(),
        );
        let write = sqlx::query(
            "INSERT INTO es.events
             SELECT (SELECT max(position) + 1 FROM es.events), gen_random_uuid(), aggregate_type, aggregate_id,
                    max(sequence) + 1, 'challenge_failed', $2, $3::jsonb, '{}', now()
               FROM es.events WHERE aggregate_type = 'challenge' AND aggregate_id = $1
              GROUP BY aggregate_type, aggregate_id",
        );
        write
            .bind(self.challenge.to_string())
            .bind(version)
            .bind(payload)
            .execute(&self.world.pool)
            .await
            .unwrap();
    }

    /// The right code, from somebody who cannot show that they asked for it.
    async fn answered_by_a_stranger(&self) -> Result<(), CommandError> {
        let code = Codes::new(&CODES).code(self.challenge).into();
        let typed = TypedCode { code: &code, token: None };
        self.accounts
            .verify_contact(&self.user.to_string(), typed, &[], &Caller::anonymous())
            .await
            .map(|_| ())
    }
}

#[tokio::test]
async fn former_version_is_read_by_commands_and_projections_alike() {
    let jane = Waiting::new().await;
    for attempt in 1..=5 {
        jane.failed(attempt, "1", "").await;
    }

    let failures = jane.world.store.load_fresh::<Challenge>(jane.challenge).await.unwrap().state.failures;
    assert_eq!((failures.registrant, failures.requester, failures.strangers), (0, 0, 5));
    assert!(jane.answered_by_a_stranger().await.is_err(), "five wrong answers of strangers went before");

    let running = jane.world.run();
    jane.world.caught_up().await;
    let told = "SELECT count(*) FROM p_user_events.user_events WHERE event_type = 'otp_failed'";
    assert_eq!(jane.world.count(told).await, 5);
    running.stop().await;
}

#[tokio::test]
async fn newer_version_stops_commands_and_projections_alike() {
    let jane = Waiting::new().await;
    jane.failed(1, "3", r#","who":"stranger""#).await;

    let refused = jane.answered_by_a_stranger().await.unwrap_err();
    assert!(matches!(refused, CommandError::Unavailable(_)), "{refused:?}");
    let error = jane.world.run().gave_up().await;

    let CommandError::Unavailable(cause) = refused else { unreachable!() };
    for said in [error.to_string(), cause.to_string()] {
        assert!(said.contains("challenge.challenge_failed version 3"), "{said}");
    }
}
