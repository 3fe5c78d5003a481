//! Which tokens count.

use super::*;
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use serde_json::{Value, json};

const KEY: &[u8] = b"0123456789abcdef0123456789abcdef";

fn options() -> TokenOptions {
    TokenOptions {
        signing: Signing::Hs256(KEY.to_vec().into()),
        issuer: "annals".to_owned(),
        audience: "annals".to_owned(),
        lifetime: TimeDelta::seconds(900),
    }
}

fn tokens() -> Tokens {
    Tokens::try_new(&options()).unwrap()
}

fn at(second: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_700_000_000 + second, 0).unwrap()
}

fn bearer() -> Bearer {
    Bearer {
        user: UserId::from_uuid(Uuid::from_u128(1)),
        session: SessionId::from_uuid(Uuid::from_u128(2)),
        role: Role::Normal,
        epoch: 3,
        verified: true,
        proved_at: at(0),
    }
}

fn issued() -> String {
    tokens().issue(bearer(), Uuid::from_u128(4), at(0)).unwrap()
}

fn claims() -> Value {
    serde_json::to_value(tokens().read(&issued(), at(0)).unwrap()).unwrap()
}

fn signed(header: &Header, claims: &Value, key: &[u8]) -> String {
    encode(header, claims, &EncodingKey::from_secret(key)).unwrap()
}

fn read(token: &str) -> Result<Claims, TokenError> {
    tokens().read(token, at(0))
}

#[test]
fn says_whom_it_was_made_for() {
    let claims = read(&issued()).unwrap();

    assert_eq!((claims.sub, claims.sid), (bearer().user, bearer().session));
    assert_eq!((claims.role, claims.sep, claims.verified), (Role::Normal, 3, true));
    assert_eq!((claims.iat, claims.exp), (at(0).timestamp(), at(900).timestamp()));
}

#[test]
fn expires_by_the_clock_that_is_passed_in() {
    assert!(tokens().read(&issued(), at(899)).is_ok());
    assert_eq!(tokens().read(&issued(), at(900)), Err(TokenError::Expired));
}

#[test]
fn remembered_token_expires_like_any_other_and_a_changed_one_is_not_it() {
    let (tokens, token) = (tokens(), issued());
    let first = tokens.read(&token, at(0)).unwrap();

    assert_eq!(tokens.read(&token, at(899)), Ok(first));
    assert_eq!(tokens.read(&token, at(900)), Err(TokenError::Expired));
    assert!(tokens.read_lapsed(&token, at(900)).is_some());
    let (signed, signature) = token.rsplit_once('.').unwrap();
    let changed = if signature.starts_with('A') { 'B' } else { 'A' };
    let changed = format!("{signed}.{changed}{}", &signature[1..]);
    assert_eq!(tokens.read(&changed, at(1)), Err(TokenError::Invalid));
}

#[test]
fn no_algorithm_is_no_token() {
    let part = |value: Value| BASE64_URL_SAFE_NO_PAD.encode(value.to_string());
    for alg in ["none", "None", "NONE", ""] {
        let token = format!("{}.{}.", part(json!({"alg": alg, "typ": "JWT"})), part(claims()));
        assert_eq!(read(&token), Err(TokenError::Invalid), "{alg}");
    }
}

#[test]
fn another_algorithm_is_refused_even_under_the_right_key() {
    for alg in [Algorithm::HS384, Algorithm::HS512] {
        assert_eq!(read(&signed(&Header::new(alg), &claims(), KEY)), Err(TokenError::Invalid));
    }
}

#[test]
fn named_keys_and_critical_extensions_are_not_ours() {
    let named = Header { kid: Some("1".to_owned()), ..Header::new(Algorithm::HS256) };
    let critical = Header { crit: Some(vec!["b64".to_owned()]), ..Header::new(Algorithm::HS256) };

    for header in [named, critical] {
        assert_eq!(read(&signed(&header, &claims(), KEY)), Err(TokenError::Invalid), "{header:?}");
    }
}

#[test]
fn changed_foreign_or_broken_tokens_are_refused() {
    let good = issued();
    let other_key = signed(&Header::new(Algorithm::HS256), &claims(), &[7; 32]);
    let (head, tail) = good.split_at(good.len() - 2);
    let changed = format!("{head}{}", if tail == "AA" { "BB" } else { "AA" });

    for token in [other_key.as_str(), changed.as_str(), head, "", "a.b.c", "..", "x"] {
        assert_eq!(read(token), Err(TokenError::Invalid), "{token}");
    }
}

#[test]
fn every_claim_is_needed_and_issuer_and_audience_are_ours() {
    let header = Header::new(Algorithm::HS256);
    for name in ["iss", "aud", "sub", "sid", "role", "sep", "verified", "iat", "exp", "jti"] {
        let mut claims = claims();
        claims.as_object_mut().unwrap().remove(name);
        assert_eq!(read(&signed(&header, &claims, KEY)), Err(TokenError::Invalid), "{name}");
    }
    for name in ["iss", "aud"] {
        let mut claims = claims();
        claims[name] = json!("somebody-else");
        assert_eq!(read(&signed(&header, &claims, KEY)), Err(TokenError::Invalid), "{name}");
    }
}

#[test]
fn short_keys_are_refused_at_the_start() {
    let short = TokenOptions { signing: Signing::Hs256(vec![0; 31].into()), ..options() };

    assert!(matches!(Tokens::try_new(&short), Err(TokenSetupError::KeyTooShort(31))));
}

#[test]
fn debug_output_hides_the_key() {
    assert!(!format!("{:?} {:?}", tokens(), options()).contains("48, 49"));
}
