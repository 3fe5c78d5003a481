//! The schemes themselves.

use super::Verdict;
use argon2::{
    Algorithm, Argon2, Params, Version,
    password_hash::{PasswordHasher, PasswordVerifier},
};
use aws_lc_rs::pbkdf2;
use base64::{Engine, engine::general_purpose::STANDARD};
use std::num::NonZeroU32;

/// How a hash by today's scheme begins; any other is to be made anew.
const TODAY: &str = "$argon2id$v=19$m=19456,t=2,p=1$";

/// A hash of nothing that anybody knows, by today's scheme.
pub(super) const DUMMY: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$YW5uYWxzLW5vLWFjY291bnQ$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// Imported hashes may ask for at most so much work: ten times what Django asks for today.
const MAX_ITERATIONS: u32 = 10_000_000;

pub(super) fn argon2id(password: &str, salt: &[u8]) -> Result<String, String> {
    let params = Params::new(19_456, 2, 1, None).map_err(|error| error.to_string())?;
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    let hash =
        argon2.hash_password_with_salt(password.as_bytes(), salt).map_err(|error| error.to_string())?;
    Ok(hash.to_string())
}

/// What cannot be read is wrong.
pub(super) fn verify(password: &str, stored: &[u8]) -> Verdict {
    let Ok(stored) = std::str::from_utf8(stored) else { return Verdict::Wrong };
    let right = match stored.strip_prefix("pbkdf2_sha256$") {
        Some(django) => pbkdf2_sha256(password, django).is_some(),
        None => Argon2::default().verify_password(password.as_bytes(), stored).is_ok(),
    };
    match right {
        false => Verdict::Wrong,
        true if stored.starts_with(TODAY) => Verdict::Right,
        true => Verdict::RightButWeak,
    }
}

/// Django's `iterations$salt$base64(hash)`; the salt is its text's bytes.
fn pbkdf2_sha256(password: &str, django: &str) -> Option<()> {
    let mut parts = django.split('$');
    let iterations = parts.next()?.parse().ok().filter(|n| *n <= MAX_ITERATIONS)?;
    let (salt, hash) = (parts.next()?, STANDARD.decode(parts.next()?).ok()?);
    let iterations = NonZeroU32::new(iterations)?;
    pbkdf2::verify(pbkdf2::PBKDF2_HMAC_SHA256, iterations, salt.as_bytes(), password.as_bytes(), &hash).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Made by Django 5.2: `make_password("correct horse", salt="seasalt", hasher="pbkdf2_sha256")`.
    const DJANGO: &str = "pbkdf2_sha256$1000000$seasalt$eDeT2Bk71DYBhUNxsvTfOL61wQ+l2yaHzCst8hDsfHQ=";
    /// m = 7 MiB, t = 5: OWASP's equal, but not what we write.
    const OTHER_ARGON2: &str =
        "$argon2id$v=19$m=7168,t=5,p=1$MDEyMzQ1Njc4OWFiY2RlZg$2Ek5zMZVGrFVTlHZZgywf+fd0fS6/y+DB3Z5fAX1+zM";

    #[test]
    fn writes_todays_scheme() {
        let hash = argon2id("correct horse", &[1; 16]).unwrap();

        assert!(hash.starts_with(TODAY), "{hash}");
        assert_eq!(verify("correct horse", hash.as_bytes()), Verdict::Right);
    }

    #[test]
    fn hashes_of_django_and_of_other_parameters_are_right_but_weak() {
        for stored in [DJANGO, OTHER_ARGON2] {
            assert_eq!(verify("correct horse", stored.as_bytes()), Verdict::RightButWeak, "{stored}");
            assert_eq!(verify("wrong horse", stored.as_bytes()), Verdict::Wrong, "{stored}");
        }
    }

    #[test]
    fn dummy_is_todays_scheme_and_nobodys_password() {
        assert!(DUMMY.starts_with(TODAY));
        assert!(argon2::password_hash::phc::PasswordHash::new(DUMMY).is_ok());
        assert_eq!(verify("", DUMMY.as_bytes()), Verdict::Wrong);
    }

    #[test]
    fn unreadable_hashes_are_wrong() {
        for stored in
            ["", "plain", "$argon2id$", "pbkdf2_sha256$0$s$AA==", "pbkdf2_sha256$99999999$s$AA==", "md5$x$y"]
        {
            assert_eq!(verify("", stored.as_bytes()), Verdict::Wrong, "{stored}");
        }
        assert_eq!(verify("x", &[0xff, 0xfe]), Verdict::Wrong);
    }
}
