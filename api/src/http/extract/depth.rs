//! Checks of a JSON text before anything recursive reads it.

/// The deepest nesting that is read.
pub const MAX_DEPTH: usize = 64;

/// Something that no body may hold, and the byte at which it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unwelcome {
    /// Nested deeper than [`MAX_DEPTH`].
    TooDeep(usize),
    /// A string holds U+0000, which PostgreSQL cannot store as text.
    Nul(usize),
}

/// Whether a body is nested deeper than any may be.
pub fn is_too_deep(text: &[u8]) -> bool {
    matches!(scan(text), Some(Unwelcome::TooDeep(_)))
}

/// The first thing that no body may hold. Validity is not judged.
pub fn scan(text: &[u8]) -> Option<Unwelcome> {
    let mut depth = 0_usize;
    let mut in_string = false;
    let mut escaped = false;
    for (at, byte) in text.iter().enumerate() {
        match byte {
            b'u' if escaped && text[at..].starts_with(b"u0000") => return Some(Unwelcome::Nul(at - 1)),
            _ if escaped => escaped = false,
            b'\\' if in_string => escaped = true,
            b'"' => in_string = !in_string,
            _ if in_string => {}
            b'{' | b'[' => depth += 1,
            b'}' | b']' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > MAX_DEPTH {
            return Some(Unwelcome::TooDeep(at));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nesting_counts_and_strings_do_not() {
        let deepest = format!("{}{}", "[".repeat(MAX_DEPTH), "]".repeat(MAX_DEPTH));
        assert_eq!(scan(deepest.as_bytes()), None);
        assert_eq!(scan(format!("[{deepest}]").as_bytes()), Some(Unwelcome::TooDeep(MAX_DEPTH)));
        assert_eq!(scan(format!(r#"["{}\"["]"#, "[".repeat(100)).as_bytes()), None);
        assert_eq!(scan("[]".repeat(1_000).as_bytes()), None);
    }

    #[test]
    fn nul_is_found_only_where_it_is_one() {
        assert_eq!(scan(br#"["a\u0000"]"#), Some(Unwelcome::Nul(3)));
        assert_eq!(scan(br#"["a\\u0000", "\u0001"]"#), None);
    }
}
