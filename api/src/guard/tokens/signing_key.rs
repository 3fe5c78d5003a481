//! A key pair of access tokens: read from its file, used by one algorithm only (RFC 8725, section 3.1), shown by its
//! public half.

use aws_lc_rs::{
    digest::{SHA256, digest},
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair},
};
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD, Engine};
use chrono::{DateTime, Utc};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey};
use secrecy::SecretString;
use serde::Serialize;
use thiserror::Error;
use utoipa::ToSchema;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum KeyError {
    #[error(
        "not an Ed25519 or P-256 private key in PKCS#8 and PEM (`openssl genpkey -algorithm ed25519`, or \
         `openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256`, makes one)"
    )]
    Unreadable,
    #[error("the system has no randomness")]
    NoRandomness,
    #[error("there is no key to sign with")]
    NoKey,
}

/// What a key pair signs with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyAlgorithm {
    /// Ed25519 (RFC 8037).
    EdDsa,
    /// ECDSA on P-256 with SHA-256 (RFC 7518, section 3.4).
    Es256,
}

/// One key pair. Its id is the thumbprint of the public key (RFC 7638), the same wherever it is computed.
#[derive(Clone)]
pub struct SigningKey {
    jwk: Jwk,
    signs_from: DateTime<Utc>,
    algorithm: KeyAlgorithm,
    encoding: EncodingKey,
    decoding: DecodingKey,
}

/// A public key as others read it (RFC 7517; RFC 8037 for Ed25519, RFC 7518 for P-256).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Jwk {
    /// `OKP` or `EC`.
    #[schema(example = "OKP")]
    pub kty: &'static str,
    /// `Ed25519` or `P-256`.
    #[schema(example = "Ed25519")]
    pub crv: &'static str,
    /// `EdDSA` or `ES256`.
    #[schema(example = "EdDSA")]
    pub alg: &'static str,
    #[serde(rename = "use")]
    #[schema(example = "sig")]
    pub usage: &'static str,
    /// As in the header of the tokens that it signed.
    pub kid: String,
    pub x: String,
    /// Of P-256.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub y: Option<String>,
}

impl KeyAlgorithm {
    /// As headers of tokens name it.
    pub const fn header(self) -> Algorithm {
        match self {
            Self::EdDsa => Algorithm::EdDSA,
            Self::Es256 => Algorithm::ES256,
        }
    }

    /// A new private key, as [`SigningKey::from_pem`] takes it.
    ///
    /// # Errors
    /// [`KeyError::NoRandomness`].
    pub fn generate_pem(self) -> Result<SecretString, KeyError> {
        let generated = match self {
            Self::EdDsa => Ed25519KeyPair::generate().and_then(|pair| pair.to_pkcs8v1()),
            Self::Es256 => {
                EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).and_then(|pair| pair.to_pkcs8v1())
            }
        };
        let der = generated.map_err(|_| KeyError::NoRandomness)?;
        Ok(pem(der.as_ref()).into())
    }
}

/// Lines of 64 characters (RFC 7468).
fn pem(der: &[u8]) -> String {
    let mut pem = "-----BEGIN PRIVATE KEY-----\n".to_owned();
    for line in der.chunks(48) {
        BASE64_STANDARD.encode_string(line, &mut pem);
        pem.push('\n');
    }
    pem + "-----END PRIVATE KEY-----\n"
}

impl SigningKey {
    /// From an unencrypted PKCS#8 private key in PEM; the kind of key says by what it signs.
    ///
    /// # Errors
    /// [`KeyError::Unreadable`]; also for keys on other curves and of other kinds.
    pub fn from_pem(pem: &str, signs_from: DateTime<Utc>) -> Result<Self, KeyError> {
        let read = match EncodingKey::from_ed_pem(pem.as_bytes()) {
            Ok(encoding) => Self::ed25519(encoding, signs_from),
            Err(_) => {
                EncodingKey::from_ec_pem(pem.as_bytes()).ok().and_then(|key| Self::p256(key, signs_from))
            }
        };
        read.ok_or(KeyError::Unreadable)
    }

    fn ed25519(encoding: EncodingKey, signs_from: DateTime<Utc>) -> Option<Self> {
        let pair = Ed25519KeyPair::from_pkcs8(encoding.as_bytes()).ok()?;
        let public = pair.public_key().as_ref();
        let x = BASE64_URL_SAFE_NO_PAD.encode(public);
        let kid = thumbprint(&format!(r#"{{"crv":"Ed25519","kty":"OKP","x":"{x}"}}"#));
        let jwk = Jwk { kty: "OKP", crv: "Ed25519", alg: "EdDSA", usage: "sig", kid, x, y: None };
        let (algorithm, decoding) = (KeyAlgorithm::EdDsa, DecodingKey::from_ed_der(public));
        Some(Self { jwk, signs_from, algorithm, encoding, decoding })
    }

    fn p256(encoding: EncodingKey, signs_from: DateTime<Utc>) -> Option<Self> {
        let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, encoding.as_bytes()).ok()?;
        // An uncompressed point: 4, and two numbers of 32 bytes (SEC 1, section 2.3.3).
        let (x, y) = pair.public_key().as_ref().get(1..)?.split_at_checked(32)?;
        let (x, y) = (BASE64_URL_SAFE_NO_PAD.encode(x), BASE64_URL_SAFE_NO_PAD.encode(y));
        let kid = thumbprint(&format!(r#"{{"crv":"P-256","kty":"EC","x":"{x}","y":"{y}"}}"#));
        let decoding = DecodingKey::from_ec_components(&x, &y).ok()?;
        let jwk = Jwk { kty: "EC", crv: "P-256", alg: "ES256", usage: "sig", kid, x, y: Some(y) };
        Some(Self { jwk, signs_from, algorithm: KeyAlgorithm::Es256, encoding, decoding })
    }

    pub fn kid(&self) -> &str {
        &self.jwk.kid
    }

    pub const fn signs_from(&self) -> DateTime<Utc> {
        self.signs_from
    }

    pub const fn algorithm(&self) -> KeyAlgorithm {
        self.algorithm
    }

    pub(super) const fn jwk(&self) -> &Jwk {
        &self.jwk
    }

    pub(super) const fn encoding(&self) -> &EncodingKey {
        &self.encoding
    }

    pub(super) const fn decoding(&self) -> &DecodingKey {
        &self.decoding
    }
}

/// Of the fields that RFC 7638 asks for, in its order and without spaces.
fn thumbprint(members: &str) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(digest(&SHA256, members.as_bytes()))
}

/// Never prints the key.
impl std::fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SigningKey")
            .field("kid", &self.jwk.kid)
            .field("alg", &self.jwk.alg)
            .field("signs_from", &self.signs_from)
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_lc_rs::signature::ECDSA_P384_SHA384_FIXED_SIGNING;
    use secrecy::ExposeSecret;

    fn read(body: &str) -> SigningKey {
        let pem = format!("-----BEGIN PRIVATE KEY-----\n{body}\n-----END PRIVATE KEY-----\n");
        SigningKey::from_pem(&pem, DateTime::UNIX_EPOCH).unwrap()
    }

    #[test]
    fn id_of_a_key_is_the_thumbprint_of_rfc_8037() {
        // The private key of RFC 8037, appendix A.1, and its thumbprint of A.3.
        let key = read("MC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g");

        assert_eq!((key.jwk.alg, key.jwk.y.as_deref()), ("EdDSA", None));
        assert_eq!(key.jwk.x, "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo");
        assert_eq!(key.kid(), "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
    }

    #[test]
    fn key_of_rfc_7515_is_read_as_written_there() {
        // The private key of RFC 7515, appendix A.3.1, in PKCS#8; its thumbprint was computed elsewhere.
        let key = read(
            "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgjpsQnnGQmL+YBIff\n\
             H1136cspYG6+0iY7X1fCE9+E9LKhRANCAAR/zc4ncPbEXUGDy+5v20t7WAczNXvp\n\
             7xO6z248e9FURcfxRM0bvZt+hyzf7bnuufSzaV1uqQskrYpGIyiFiOWt",
        );

        assert_eq!((key.jwk.kty, key.jwk.crv, key.jwk.alg), ("EC", "P-256", "ES256"));
        assert_eq!(key.jwk.x, "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU");
        assert_eq!(key.jwk.y.as_deref(), Some("x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"));
        assert_eq!(key.kid(), "oKIywvGUpTVTyxMQ3bwIIeQUudfr_CkLMjCE19ECD-U");
    }

    #[test]
    fn generated_keys_are_pem_of_short_lines_and_read_again() {
        for algorithm in [KeyAlgorithm::EdDsa, KeyAlgorithm::Es256] {
            let pem = algorithm.generate_pem().unwrap();
            let pem = pem.expose_secret();

            assert!(pem.lines().all(|line| line.len() <= 64), "RFC 7468, section 2");
            assert_eq!(SigningKey::from_pem(pem, DateTime::UNIX_EPOCH).unwrap().algorithm(), algorithm);
        }
    }

    #[test]
    fn what_is_no_private_key_of_these_kinds_is_refused() {
        let other = EcdsaKeyPair::generate(&ECDSA_P384_SHA384_FIXED_SIGNING).unwrap();
        let other = pem(other.to_pkcs8v1().unwrap().as_ref());
        let empty = "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n";
        for pem in ["", "x", empty, &other] {
            assert_eq!(SigningKey::from_pem(pem, DateTime::UNIX_EPOCH).unwrap_err(), KeyError::Unreadable);
        }
    }

    #[test]
    fn debug_output_hides_the_key() {
        for algorithm in [KeyAlgorithm::EdDsa, KeyAlgorithm::Es256] {
            let pem = algorithm.generate_pem().unwrap();
            let key = SigningKey::from_pem(pem.expose_secret(), DateTime::UNIX_EPOCH).unwrap();
            let shown = format!("{key:?}");
            let seed = BASE64_STANDARD.encode(key.encoding.as_bytes());

            assert!(!shown.contains(&seed) && !shown.contains("48, "), "{shown}");
            assert!(shown.contains(key.kid()), "{shown}");
        }
    }
}
