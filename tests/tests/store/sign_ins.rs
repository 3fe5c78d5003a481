//! The stream by which the sessions of one account are counted has an event for each login, and no end (ADR 33).

use annals_tests::{Lab, samples::*};
use domain::{
    SessionId, SignInId,
    sign_in::{SignIn, SignInEvent, SignedIn},
};
use std::time::Instant;
use store::StreamRef;

const PLACES: usize = 20;
const BATCH: usize = 500;

#[tokio::test]
async fn places_of_ten_thousand_logins_are_read_from_the_log_alone() {
    let db = Lab::db().await;
    let store = db.store().await;
    for logins in [1_000, 10_000] {
        let account = new_user();
        let id = SignInId::of_sessions(account);
        let stream = StreamRef { aggregate_type: "sign_in", id: id.uuid() };
        let sessions: Vec<SessionId> = (0..logins).map(|_| SessionId::mint(noon(), random())).collect();
        let signed_in = |n: usize| -> SignInEvent {
            let left = n.checked_sub(PLACES).map(|n| sessions[n]).into_iter().collect();
            SignedIn { account, session: sessions[n], left, signed_in_at: noon() }.into()
        };
        for batch in 0..logins / BATCH {
            let events = (0..BATCH).map(|n| event(&signed_in(batch * BATCH + n))).collect();
            let version = i64::try_from(batch * BATCH).unwrap();
            store.submit(submission(stream, version, events)).await.unwrap();
        }
        let cold = db.store().await;
        cold.load::<SignIn>(SignInId::of_sessions(new_user())).await.unwrap();

        let began = Instant::now();
        let state = cold.load::<SignIn>(id).await.unwrap().state;
        println!("{logins} logins: read in {:?}", began.elapsed());

        assert_eq!(state.sessions, sessions[logins - PLACES..]);
        let began = Instant::now();
        assert_eq!(cold.load_fresh::<SignIn>(id).await.unwrap().state, state);
        println!("{logins} logins: once more in {:?}", began.elapsed());
    }
}
