//! Codes and tokens: what is derived is frozen, and nothing else is recognised.

use super::*;

fn codes() -> Codes {
    Codes::new(&[7; 32])
}

fn challenge(n: u128) -> ChallengeId {
    ChallengeId::from_uuid(Uuid::from_u128(n))
}

fn session() -> SessionId {
    SessionId::from_uuid(Uuid::from_u128(0x5e55))
}

fn api_key() -> ApiKeyId {
    ApiKeyId::from_uuid(Uuid::from_u128(0x0198_7f3a_5b10_7c3e_9d3f_2f61_a7c1_d0e5))
}

#[test]
fn codes_and_tokens_are_what_they_were_yesterday() {
    assert_eq!(codes().code(challenge(1)), "062814");
    assert_eq!(
        codes().reset_token(challenge(1)),
        "AAAAAAAAAAAAAAAAAAAAAUopD5qdwQBAOUPk5G-g19qfeD9ZdJhOXy6Y5fDGp4Kq"
    );
    assert_eq!(
        codes().stop_token(challenge(1)),
        "AAAAAAAAAAAAAAAAAAAAAab-djQy9iLGsVOWiIUlPxFg-M0zuUMuL3z1VWtDiZDb"
    );
    assert_eq!(
        codes().refresh_token(session(), 1),
        "AQAAAAAAAAAAAAAAAAAAXlUAAAABfk8jOC_vOtQ8cmcmqt3IcIdbAyhoZ2vnwwrrVEeuPQs"
    );
    assert_eq!(
        codes().api_key(KeyKind::Person, api_key()),
        "annals_key_030gNvOhcpTUUbk2qRPeYX4Fge2IfcyvMQ3kuiZsU9mI1geqsL"
    );
    assert_eq!(
        codes().api_key(KeyKind::Service, api_key()),
        "annals_svc_030gNvOhcpTUUbk2qRPeYX0ljVzWrIRgpPR900yTs8Xr3dyUJj"
    );
}

#[test]
fn api_keys_are_read_back_and_forged_ones_are_nobodys() {
    for kind in KeyKind::ALL {
        let key = codes().api_key(kind, api_key());
        assert_eq!(codes().api_key_claims(&key), Some((kind, api_key())));
        // Well formed and with the right checksum, but not ours.
        assert_eq!(Codes::new(&[8; 32]).api_key_claims(&key), None);
    }
    let proof = u128::from_be_bytes(codes().api_key_proof(KeyKind::Person, api_key()));
    let id = api_key().uuid().as_u128();
    for forged in [
        key_text::write(KeyKind::Service, id, proof),
        key_text::write(KeyKind::Person, id + 1, proof),
        key_text::write(KeyKind::Person, id, proof ^ 1),
    ] {
        assert_eq!(codes().api_key_claims(&forged), None, "{forged}");
    }
}

#[test]
fn code_has_six_digits_and_is_its_challenges_own() {
    for n in 0..200 {
        let code = codes().code(challenge(n));
        assert!(code.len() == 6 && code.bytes().all(|b| b.is_ascii_digit()), "{code}");
    }
    assert_ne!(codes().code(challenge(1)), codes().code(challenge(2)));
}

#[test]
fn code_is_recognised_with_spaces_and_nothing_else_is() {
    let code = codes().code(challenge(1));
    let spaced = format!(" {} {} ", &code[..3], &code[3..]);

    assert!(codes().is_code(challenge(1), &spaced));
    for wrong in ["", "0", &format!("{code}0"), &code[..5], &codes().code(challenge(2))] {
        assert!(!codes().is_code(challenge(1), wrong), "{wrong}");
    }
}

#[test]
fn tokens_are_read_back() {
    assert_eq!(codes().reset_challenge(&codes().reset_token(challenge(9))), Some(challenge(9)));
    assert_eq!(codes().asker(&codes().asker_token(Uuid::from_u128(9))), Some(Uuid::from_u128(9)));
    assert_eq!(codes().stopped_change(&codes().stop_token(challenge(9))), Some(challenge(9)));
    assert_eq!(codes().reset_challenge(&codes().stop_token(challenge(9))), None, "one is not the other");
    assert_eq!(codes().stopped_change(&codes().reset_token(challenge(9))), None, "one is not the other");
    let token = codes().refresh_token(session(), 41);
    assert_eq!(codes().refresh_claims(&token), Some((session(), 41)));
}

#[test]
fn what_either_of_two_keys_derived_is_recognised_and_only_the_present_one_derives() {
    let (old, new) = (Codes::new(&[7; 32]), Codes::new(&[8; 32]));
    let (both, swapped) =
        (Codes::with_other(&[7; 32], Some(&[8; 32])), Codes::with_other(&[8; 32], Some(&[7; 32])));

    for by in [&old, &new] {
        for reads in [&both, &swapped] {
            assert!(reads.is_code(challenge(1), &by.code(challenge(1))));
            assert_eq!(reads.reset_challenge(&by.reset_token(challenge(9))), Some(challenge(9)));
            assert_eq!(reads.refresh_claims(&by.refresh_token(session(), 3)), Some((session(), 3)));
            let key = by.api_key(KeyKind::Service, api_key());
            assert_eq!(reads.api_key_claims(&key), Some((KeyKind::Service, api_key())));
            assert!(reads.is_csrf_token(session(), &by.csrf_token(session(), [1; 16])));
        }
    }
    assert_eq!(both.refresh_token(session(), 3), old.refresh_token(session(), 3));
    assert_eq!(swapped.refresh_token(session(), 3), new.refresh_token(session(), 3));
    assert_eq!(new.refresh_claims(&old.refresh_token(session(), 3)), None, "once the former key is removed");
}

#[test]
fn forged_cut_or_foreign_tokens_are_nobodys() {
    let refresh = codes().refresh_token(session(), 2);
    let foreign = Codes::new(&[8; 32]).refresh_token(session(), 2);
    let mut forged = refresh.clone().into_bytes();
    forged[25] ^= 1;
    let forged = String::from_utf8(forged).unwrap();

    for token in [&foreign, &forged, &refresh[..70], "", "!", &codes().reset_token(challenge(1))] {
        assert_eq!(codes().refresh_claims(token), None, "{token}");
    }
    assert_eq!(codes().reset_challenge(&refresh), None);
    let asker = codes().asker_token(Uuid::from_u128(1));
    assert_eq!(
        (codes().reset_challenge(&asker), codes().asker(&codes().reset_token(challenge(1)))),
        (None, None)
    );
}
