//! A session that its cookie keeps, from the command to the read model (ADR 18).

use crate::world::World;
use annals_tests::samples::noon;
use chrono::TimeDelta;
use commands::{
    AccountSettings, Accounts, Caller, Codes, Executor, FixedClock, Passwords, Principal, Registration,
    SystemMint,
};
use domain::{
    session::SessionError,
    values::{Email, Role, Username},
};
use std::sync::Arc;

#[tokio::test]
async fn session_that_is_used_goes_on_to_its_absolute_end_and_keeps_its_refresh_token() {
    let world = World::new().await;
    let running = world.run();
    let clock = FixedClock::new(noon());
    let executor = Executor::new(world.store.clone(), Arc::new(clock.clone()), Arc::new(SystemMint));
    let passwords = Passwords::new(1, Arc::new(SystemMint));
    let accounts = Accounts::new(executor, passwords, Codes::new(&[9; 32]), AccountSettings::default());
    let form = Registration {
        username: Username::parse("jane").unwrap(),
        email: Email::parse("jane@example.com").unwrap(),
        password: "a long walk at dusk".into(),
    };
    let begun = accounts.register_with_session(form, &Caller::anonymous()).await.unwrap().session.unwrap();
    let (id, session) = (begun.user, begun.session);
    let principal = Principal::User { id, session, role: Role::Normal, verified: false };
    let caller = Caller { principal, ..Caller::default() };
    let after = |days| noon() + TimeDelta::days(days);

    for (day, end) in [(0, 7), (6, 13), (12, 19), (18, 25), (24, 30)] {
        clock.set(after(day));
        let kept = accounts.prolong(&caller).await.unwrap();
        assert_eq!((kept.refresh_token.is_none(), kept.refresh_expires_at), (true, after(end)), "day {day}");
    }

    world.caught_up().await;
    let row = world.queries().find_session(session).await.unwrap().unwrap();
    assert_eq!((row.generation, row.last_refreshed_at), (1, Some(after(24))));
    assert_eq!(row.refresh_expires_at, after(30));
    accounts.refresh(&begun.refresh_token.unwrap(), &Caller::anonymous()).await.unwrap();
    clock.set(after(30));
    assert_eq!(accounts.prolong(&caller).await.unwrap_err().reason(), Some(&SessionError::Expired));
    running.stop().await;
}
