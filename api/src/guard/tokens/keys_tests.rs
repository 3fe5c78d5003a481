//! Key pairs: which ones sign and verify when, and what is refused.

use super::*;
use crate::tokens::{Bearer, KeyAlgorithm, Signing, TokenOptions, Tokens};
use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine};
use domain::{SessionId, UserId, values::Role};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey};
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use uuid::Uuid;

const LIFETIME: i64 = 900;

fn at(second: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_700_000_000 + second, 0).unwrap()
}

const BOTH: [KeyAlgorithm; 2] = [KeyAlgorithm::EdDsa, KeyAlgorithm::Es256];

fn made(algorithm: KeyAlgorithm, signs_from: i64) -> SigningKey {
    let pem = algorithm.generate_pem().unwrap();
    SigningKey::from_pem(pem.expose_secret(), at(signs_from)).unwrap()
}

fn key(signs_from: i64) -> SigningKey {
    made(KeyAlgorithm::EdDsa, signs_from)
}

fn tokens(keys: &[SigningKey]) -> (Tokens, KeyRing) {
    let ring = KeyRing::try_new(keys.to_vec()).unwrap();
    let options = TokenOptions {
        signing: Signing::KeyPairs(ring.clone()),
        issuer: "annals".to_owned(),
        audience: "annals".to_owned(),
        lifetime: TimeDelta::seconds(LIFETIME),
    };
    (Tokens::try_new(&options).unwrap(), ring)
}

fn issued(tokens: &Tokens, second: i64) -> String {
    let bearer = Bearer {
        user: UserId::from_uuid(Uuid::from_u128(1)),
        session: SessionId::from_uuid(Uuid::from_u128(2)),
        role: Role::Normal,
        epoch: 3,
        verified: true,
        proved_at: at(0),
    };
    tokens.issue(bearer, Uuid::from_u128(4), at(second)).unwrap()
}

fn kid(token: &str) -> String {
    decode_header(token).unwrap().kid.unwrap()
}

fn kids(tokens: &Tokens, second: i64) -> Vec<String> {
    tokens.jwks(at(second)).into_iter().map(|key| key.kid).collect()
}

fn signed(header: &Header, tokens: &Tokens, key: &EncodingKey) -> String {
    let claims = tokens.read(&issued(tokens, 0), at(0)).unwrap();
    encode(header, &claims, key).unwrap()
}

#[test]
fn token_names_its_key_and_is_verified_by_the_published_one() {
    for algorithm in BOTH {
        let (tokens, _) = tokens(&[made(algorithm, 0)]);
        let token = issued(&tokens, 0);

        let published = tokens.jwks(at(0)).remove(0);

        let header = decode_header(&token).unwrap();
        assert_eq!((header.alg, header.kid.as_ref()), (algorithm.header(), Some(&published.kid)));
        let theirs = serde_json::from_value(serde_json::to_value(&published).unwrap()).unwrap();
        let mut validation = jsonwebtoken::Validation::new(algorithm.header());
        validation.validate_exp = false;
        validation.set_audience(&["annals"]);
        let theirs = DecodingKey::from_jwk(&theirs).unwrap();
        let read: Value = jsonwebtoken::decode(&token, &theirs, &validation).unwrap().claims;
        assert_eq!(read["exp"], json!(at(LIFETIME).timestamp()));
    }
}

#[test]
fn rotation_to_another_algorithm_refuses_nobody() {
    let (old, new) = (key(0), made(KeyAlgorithm::Es256, 1_000));
    let (tokens, _) = tokens(&[old, new]);
    let (last, first) = (issued(&tokens, 999), issued(&tokens, 1_000));

    let algorithm = |token: &str| decode_header(token).unwrap().alg;
    assert_eq!((algorithm(&last), algorithm(&first)), (Algorithm::EdDSA, Algorithm::ES256));
    for token in [last, first] {
        assert!(tokens.read(&token, at(1_001)).is_ok());
    }
    let kinds: Vec<_> = tokens.jwks(at(1_001)).into_iter().map(|key| (key.kty, key.alg)).collect();
    assert_eq!(kinds, [("OKP", "EdDSA"), ("EC", "ES256")]);
}

#[test]
fn each_key_verifies_by_its_own_algorithm_whatever_the_header_says() {
    let keys = BOTH.map(|algorithm| made(algorithm, 0));
    let (tokens, _) = tokens(&keys);
    for named in &keys {
        for signer in &keys {
            let header =
                Header { kid: Some(named.kid().to_owned()), ..Header::new(signer.algorithm().header()) };
            let token = signed(&header, &tokens, signer.encoding());
            assert_eq!(tokens.read(&token, at(0)).is_ok(), named.kid() == signer.kid(), "{header:?}");
        }
    }
}

#[test]
fn new_key_is_published_before_it_signs_and_the_old_one_stays_until_its_last_token_expired() {
    let (old, new) = (key(0), key(1_000));
    let (tokens, _) = tokens(&[new.clone(), old.clone()]);
    let last = issued(&tokens, 999);

    assert_eq!((kid(&last), kid(&issued(&tokens, 1_000))), (old.kid().to_owned(), new.kid().to_owned()));
    assert_eq!(kids(&tokens, 0), [old.kid(), new.kid()]);
    assert!(tokens.read(&last, at(999 + LIFETIME - 1)).is_ok());
    assert_eq!(kids(&tokens, 1_000 + LIFETIME + 59), [old.kid(), new.kid()]);
    assert_eq!(kids(&tokens, 1_000 + LIFETIME + 60), [new.kid()]);
}

#[test]
fn retired_key_vouches_for_nothing_whatever_the_token_says_of_its_end() {
    let (old, new) = (key(0), key(1_000));
    let (tokens, _) = tokens(&[old.clone(), new]);
    let mut claims = tokens.read(&issued(&tokens, 0), at(0)).unwrap();
    claims.exp = at(1_000_000).timestamp();
    let header = Header { kid: Some(old.kid().to_owned()), ..Header::new(Algorithm::EdDSA) };
    let forged = encode(&header, &claims, old.encoding()).unwrap();

    assert!(tokens.read(&forged, at(1_000 + LIFETIME)).is_ok(), "by then it is not known to be stolen");
    assert_eq!(tokens.read(&forged, at(1_000 + LIFETIME + 60)), Err(TokenError::Invalid));
}

#[test]
fn key_that_is_taken_away_takes_its_remembered_tokens_with_it() {
    let (old, new) = (key(0), key(0));
    let (tokens, ring) = tokens(std::slice::from_ref(&old));
    let token = issued(&tokens, 0);
    tokens.read(&token, at(0)).unwrap();
    assert!(ring.current().remembers(&token));

    assert_eq!(ring.replace(vec![old]), Ok(false), "nothing changed");
    assert!(ring.current().remembers(&token));
    assert_eq!(ring.replace(vec![new]), Ok(true));

    assert_eq!(tokens.read(&token, at(0)), Err(TokenError::Invalid));
}

#[test]
fn remembered_token_expires_like_any_other_and_wrong_ones_are_not_remembered() {
    let (tokens, ring) = tokens(&[key(0)]);
    let token = issued(&tokens, 0);
    let cut = &token[..token.len() - 4];

    assert_eq!(tokens.read(cut, at(0)), Err(TokenError::Invalid));
    assert!(!ring.current().remembers(cut));
    for second in [0, 1, LIFETIME - 1] {
        assert!(tokens.read(&token, at(second)).is_ok());
    }
    assert_eq!(tokens.read(&token, at(LIFETIME)), Err(TokenError::Expired));
}

#[test]
fn unknown_missing_or_exchanged_key_ids_are_refused() {
    let (one, other) = (key(0), key(10));
    let (tokens, _) = tokens(&[one.clone(), other.clone()]);
    let header = |kid: Option<&str>| Header { kid: kid.map(str::to_owned), ..Header::new(Algorithm::EdDSA) };

    assert!(tokens.read(&signed(&header(Some(one.kid())), &tokens, one.encoding()), at(0)).is_ok());
    for kid in [None, Some(""), Some("../../etc/passwd"), Some(other.kid())] {
        let token = signed(&header(kid), &tokens, one.encoding());
        assert_eq!(tokens.read(&token, at(0)), Err(TokenError::Invalid), "{kid:?}");
    }
}

#[test]
fn public_key_is_no_hmac_secret() {
    for made_by in BOTH {
        let key = made(made_by, 0);
        let (tokens, _) = tokens(std::slice::from_ref(&key));
        let raw = BASE64_URL_SAFE_NO_PAD.decode(&key.jwk().x).unwrap();
        let jwk = serde_json::to_string(key.jwk()).unwrap();

        for secret in [raw.as_slice(), key.jwk().x.as_bytes(), jwk.as_bytes()] {
            for algorithm in [Algorithm::HS256, Algorithm::HS512] {
                let header = Header { kid: Some(key.kid().to_owned()), ..Header::new(algorithm) };
                let token = signed(&header, &tokens, &EncodingKey::from_secret(secret));
                assert_eq!(tokens.read(&token, at(0)), Err(TokenError::Invalid), "{algorithm:?}");
            }
        }
    }
}

#[test]
fn no_algorithm_is_no_token_under_any_key_id() {
    let key = key(0);
    let (tokens, _) = tokens(std::slice::from_ref(&key));
    let claims = serde_json::to_string(&tokens.read(&issued(&tokens, 0), at(0)).unwrap()).unwrap();
    for alg in ["none", "None", "EdDSA", "Ed25519", "ES256", "HS256"] {
        let header = json!({ "alg": alg, "kid": key.kid(), "typ": "JWT" }).to_string();
        let part = |text: &str| BASE64_URL_SAFE_NO_PAD.encode(text);
        let token = format!("{}.{}.", part(&header), part(&claims));
        assert_eq!(tokens.read(&token, at(0)), Err(TokenError::Invalid), "{alg}");
    }
}

#[test]
fn keys_in_the_header_and_critical_extensions_are_not_believed() {
    let (ours, theirs) = (key(0), key(0));
    let (tokens, _) = tokens(std::slice::from_ref(&ours));
    let claims = serde_json::to_string(&tokens.read(&issued(&tokens, 0), at(0)).unwrap()).unwrap();
    let sign = |header: Value, key: &SigningKey| {
        let part = |text: &str| BASE64_URL_SAFE_NO_PAD.encode(text);
        let message = format!("{}.{}", part(&header.to_string()), part(&claims));
        let signature =
            jsonwebtoken::crypto::sign(message.as_bytes(), key.encoding(), Algorithm::EdDSA).unwrap();
        format!("{message}.{signature}")
    };
    let jwk = json!({ "kty": "OKP", "crv": "Ed25519", "x": theirs.jwk().x });

    let own = sign(json!({ "alg": "EdDSA", "kid": ours.kid() }), &ours);
    assert!(tokens.read(&own, at(0)).is_ok());
    for (header, key) in [
        (json!({ "alg": "EdDSA", "kid": ours.kid(), "jwk": jwk }), &theirs),
        (json!({ "alg": "EdDSA", "kid": theirs.kid(), "jku": "https://evil.example/jwks" }), &theirs),
        (json!({ "alg": "EdDSA", "kid": ours.kid(), "crit": ["exp"], "exp": 1 }), &ours),
    ] {
        assert_eq!(tokens.read(&sign(header.clone(), key), at(0)), Err(TokenError::Invalid), "{header}");
    }
}

#[test]
fn ring_without_keys_is_refused() {
    assert!(matches!(KeyRing::try_new(Vec::new()), Err(KeyError::NoKey)));
}
