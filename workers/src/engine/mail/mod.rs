//! Mail: what the letters say and how they leave.
//!
//! Bodies hold codes and tokens: nothing here logs them, and no error shows them.
//! Look next at [`letters`] (texts), [`settings`], and one file per way out.

mod console;
mod error;
mod letters;
mod mailer;
mod outbox;
mod settings;
mod smtp;

pub use error::MailError;
pub use letters::Content;
pub use mailer::{Mail, Mailer};
pub use settings::{Backend, MailSettings, Security, SmtpSettings};
