//! Passwords: hashed with Argon2id at OWASP's minimum (m = 19,456 KiB, t = 2, p = 1), off the async threads and
//! so few at a time that memory stays bounded. Django's PBKDF2 hashes are verified too, for migrated accounts.
//!
//! They are hashed in one form (NFKC). What was hashed before that, as it was typed, goes on and is hashed anew by the
//! next login. How much is hashed follows from what was typed alone, so that time tells nothing of the account.
//!
//! The stored form is a PHC string (or Django's own); it lives in `es.secrets`, never in an event.

mod form;
mod hash;
mod policy;

pub(crate) use policy::check_new;
pub use policy::{ContextWords, PasswordError, check_policy};

use crate::{Mint, error::CommandError};
use hash::DUMMY;
use secrecy::{ExposeSecret, SecretString};
use std::sync::Arc;
use tokio::sync::Semaphore;

/// How a password compares with a stored hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    Wrong,
    Right,
    /// Right, but by a weaker scheme than today's: hash it anew.
    RightButWeak,
}

impl Verdict {
    pub const fn is_right(self) -> bool {
        matches!(self, Self::Right | Self::RightButWeak)
    }
}

/// Hashes and verifies. Cheap to clone; clones share the bound.
#[derive(Clone)]
pub struct Passwords {
    mint: Arc<dyn Mint>,
    running: Arc<Semaphore>,
    admitted: Arc<Semaphore>,
}

/// For each hash that runs, so many may wait; more are refused as busy. Two seconds' worth at 30 ms each.
const WAITING_EACH: usize = 64;

impl Passwords {
    /// At most `parallel` hashes at a time, 19 MiB and one core each; 0 counts as 1.
    pub fn new(parallel: usize, mint: Arc<dyn Mint>) -> Self {
        let parallel = parallel.clamp(1, 1_024);
        Self {
            mint,
            running: Arc::new(Semaphore::new(parallel)),
            admitted: Arc::new(Semaphore::new(parallel * (WAITING_EACH + 1))),
        }
    }

    /// As many at a time as the machine has cores.
    pub fn per_core(mint: Arc<dyn Mint>) -> Self {
        Self::new(std::thread::available_parallelism().map_or(1, usize::from), mint)
    }

    /// The PHC string to store, under a fresh 128-bit salt. Check the policy first.
    ///
    /// # Errors
    /// [`CommandError::Busy`] if too many wait already.
    pub async fn hash(&self, password: SecretString) -> Result<Vec<u8>, CommandError> {
        let mut salt = [0; 16];
        self.mint.fill(&mut salt);
        let hashed = self.blocking(move || match form::normalised(password.expose_secret()) {
            Some(form) => hash::argon2id(form.expose_secret(), &salt),
            None => Err("a password that the policy refuses".to_owned()),
        });
        let hashed = hashed.await?;
        hashed.map(String::into_bytes).map_err(CommandError::internal)
    }

    /// Compares with what is stored. Where nothing is stored it takes as long and says [`Verdict::Wrong`], so that
    /// time does not tell which accounts exist.
    ///
    /// # Errors
    /// [`CommandError::Busy`] if too many wait already.
    pub async fn verify(
        &self,
        password: SecretString,
        stored: Option<Vec<u8>>,
    ) -> Result<Verdict, CommandError> {
        self.blocking(move || compare(password.expose_secret(), stored.as_deref())).await
    }

    async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, CommandError> {
        let _admitted = self.admitted.try_acquire().map_err(|_| CommandError::Busy)?;
        let running =
            self.running.clone().acquire_owned().await.map_err(|e| CommandError::Internal(e.into()))?;
        // The permit goes along: a caller that gives up does not stop the hash, nor free its memory.
        let work = move || {
            let _running = running;
            work()
        };
        tokio::task::spawn_blocking(work).await.map_err(|error| CommandError::Internal(error.into()))
    }
}

/// One hash, or two of a password that was typed in another form than its own: neither depends on the outcome of the other.
fn compare(typed: &str, stored: Option<&[u8]>) -> Verdict {
    let against = stored.unwrap_or(DUMMY.as_bytes());
    // Nothing longer was ever accepted: it is compared with nothing, which takes as long.
    let Some(form) = form::normalised(typed) else {
        hash::verify("", DUMMY.as_bytes());
        return Verdict::Wrong;
    };
    let by_form = hash::verify(form.expose_secret(), against);
    let as_typed = match form::is_normalised(typed) {
        true => Verdict::Wrong,
        // Hashed before there was a form: right, and to be made anew.
        false => hash::verify(typed, against),
    };
    match (stored, by_form, as_typed) {
        (None, ..) | (_, Verdict::Wrong, Verdict::Wrong) => Verdict::Wrong,
        (_, Verdict::Wrong, _) => Verdict::RightButWeak,
        (_, verdict, _) => verdict,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SeededMint;

    fn passwords() -> Passwords {
        Passwords::new(2, Arc::new(SeededMint::new(1)))
    }

    fn secret(text: &str) -> SecretString {
        SecretString::from(text)
    }

    #[tokio::test]
    async fn hashed_password_is_recognised_and_others_are_not() {
        let stored = passwords().hash(secret("correct horse")).await.unwrap();

        let right = passwords().verify(secret("correct horse"), Some(stored.clone())).await.unwrap();
        let wrong = passwords().verify(secret("Correct horse"), Some(stored)).await.unwrap();

        assert_eq!((right, wrong), (Verdict::Right, Verdict::Wrong));
    }

    #[tokio::test]
    async fn password_is_the_same_in_every_form_that_a_keyboard_gives_it() {
        let composed = "Zo\u{eb}s caf\u{e9}";
        let decomposed = "Zoe\u{308}s\u{a0}cafe\u{301}";
        for (set, typed) in [(composed, decomposed), (decomposed, composed), (decomposed, decomposed)] {
            let stored = passwords().hash(secret(set)).await.unwrap();
            let verdict = passwords().verify(secret(typed), Some(stored)).await.unwrap();
            assert_eq!(verdict, Verdict::Right, "{set:?} {typed:?}");
        }
    }

    #[tokio::test]
    async fn hash_of_what_was_typed_before_there_was_a_form_goes_on_and_is_made_anew() {
        let typed = "Zoe\u{308}s cafe\u{301}";
        let before = hash::argon2id(typed, &[1; 16]).unwrap().into_bytes();

        for (password, expected) in [
            (typed, Verdict::RightButWeak),
            ("Zo\u{eb}s caf\u{e9}", Verdict::Wrong),
            ("Zoes cafe", Verdict::Wrong),
            ("Zoe\u{308}s caf\u{e9}", Verdict::Wrong),
        ] {
            let verdict = passwords().verify(secret(password), Some(before.clone())).await.unwrap();
            assert_eq!(verdict, expected, "{password:?}");
        }
    }

    #[tokio::test]
    async fn text_that_is_longer_than_any_password_is_wrong_and_no_error() {
        let long = "x".repeat(1_000_000);

        assert_eq!(passwords().verify(secret(&long), None).await.unwrap(), Verdict::Wrong);
        assert!(passwords().hash(secret(&long)).await.is_err());
    }

    #[tokio::test]
    async fn each_hash_has_a_salt_of_its_own() {
        let passwords = passwords();

        let one = passwords.hash(secret("correct horse")).await.unwrap();
        let other = passwords.hash(secret("correct horse")).await.unwrap();

        assert_ne!(one, other);
    }

    #[tokio::test]
    async fn unknown_account_is_wrong_after_as_much_work() {
        assert_eq!(passwords().verify(secret("anything"), None).await.unwrap(), Verdict::Wrong);
    }

    #[tokio::test]
    async fn beyond_the_queue_it_is_busy() {
        let passwords = passwords();
        let held = passwords.admitted.clone().acquire_many_owned(2 * 65).await.unwrap();

        assert!(matches!(passwords.hash(secret("x")).await, Err(CommandError::Busy)));
        drop(held);
        assert!(passwords.hash(secret("x")).await.is_ok());
    }
}
