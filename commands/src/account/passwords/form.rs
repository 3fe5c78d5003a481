//! The form in which passwords are counted, hashed and compared: one, however a keyboard composes its characters.
//!
//! NFKC, as NIST SP 800-63B (section 5.1.1.2) asks for, after the spaces of all scripts were made one (RFC 8265,
//! section 4.2.2). Letters keep their case. **Frozen**: hashes stand on it.

use secrecy::SecretString;
use unicode_normalization::{UnicodeNormalization, is_nfkc};

/// No password that was ever accepted is longer, in bytes: 256 characters have at most 1,024.
pub(super) const MAX_TYPED_BYTES: usize = 4_096;

/// None of a text that is longer than any password.
pub(super) fn normalised(typed: &str) -> Option<SecretString> {
    if typed.len() > MAX_TYPED_BYTES {
        return None;
    }
    let spaced = typed.chars().map(|c| if c.is_whitespace() && !c.is_ascii() { ' ' } else { c });
    Some(SecretString::from(spaced.nfkc().collect::<String>()))
}

/// Whether it is in that form already, as nearly every one is.
pub(super) fn is_normalised(typed: &str) -> bool {
    typed.is_ascii() || (is_nfkc(typed) && !typed.chars().any(|c| c.is_whitespace() && !c.is_ascii()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use secrecy::ExposeSecret;

    fn of(typed: &str) -> String {
        normalised(typed).unwrap().expose_secret().to_owned()
    }

    #[test]
    fn one_password_has_one_form_whatever_the_keyboard_made_of_it() {
        for (typed, form) in [
            ("a long walk", "a long walk"),
            ("Stra\u{df}e", "Stra\u{df}e"),
            ("Zo\u{65}\u{308}", "Zo\u{eb}"),
            ("\u{c5}ngstr\u{f6}m", "\u{c5}ngstr\u{f6}m"),
            ("\u{212b}ngstr\u{6f}\u{308}m", "\u{c5}ngstr\u{f6}m"),
            ("\u{fb01}sh", "fish"),
            ("\u{ff30}\u{ff41}ss", "Pass"),
            ("a\u{a0}b\u{2003}c\u{1680}d\u{3000}e", "a b c d e"),
        ] {
            assert_eq!(of(typed), form, "{typed:?}");
            assert_eq!(of(form), form, "a form is its own");
            assert_eq!(is_normalised(typed), typed == form, "{typed:?}");
        }
        assert_ne!(of("Dusk"), of("dusk"));
    }

    #[test]
    fn what_is_longer_than_any_password_has_no_form() {
        assert!(normalised(&"x".repeat(MAX_TYPED_BYTES)).is_some());
        assert!(normalised(&"x".repeat(MAX_TYPED_BYTES + 1)).is_none());
    }
}
