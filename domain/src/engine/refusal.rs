//! The interface of every business error: a stable code, and the field that it concerns.
//!
//! The sentence is for people and may change; the code is for programs and may not.

/// A refusal that a client may act on.
pub trait BusinessError: std::error::Error + Send + Sync + 'static {
    /// Kebab case, stable for ever, unique over the crate; the tail of a problem document's `type`.
    fn code(&self) -> &'static str;

    /// The command's field that it is about, as named in request bodies; none if it is about the whole.
    fn field(&self) -> Option<&'static str> {
        None
    }

    /// Seconds after which the same command may be accepted, where waiting helps.
    fn retry_after(&self) -> Option<i64> {
        None
    }
}
