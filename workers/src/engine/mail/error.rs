//! Errors of a mail, and which of them are worth a retry.

use crate::jobs::JobError;
use lettre::transport::smtp;
use thiserror::Error;

/// No variant shows the mail's text. SMTP replies may quote the address: they are for `Debug`, never for a log.
#[derive(Debug, Error)]
pub enum MailError {
    /// Of the sender's setting, or of a recipient.
    #[error("this is not an address that mail can be sent with")]
    Address,
    #[error("a letter cannot be composed")]
    Compose,
    #[error("the mail server's settings cannot be used: {0}")]
    Settings(&'static str),
    #[error("the mail server did not take the mail")]
    Smtp(#[source] smtp::Error),
    #[error("the mail server did not answer in time")]
    Timeout,
    #[error("the mail could not be written")]
    Write(#[source] std::io::Error),
}

impl From<MailError> for JobError {
    fn from(error: MailError) -> Self {
        match error {
            MailError::Address => Self::permanent("invalid-address"),
            MailError::Compose => Self::permanent("mail-composition"),
            MailError::Settings(_) => Self::permanent("mail-settings"),
            MailError::Smtp(error) => of_smtp(&error),
            MailError::Timeout => Self::retry("smtp-timeout"),
            MailError::Write(_) => Self::retry("outbox-unwritable"),
        }
    }
}

/// RFC 5321, section 4.2.1: the client must not repeat what got a 5yz reply, and should repeat what got a 4yz.
fn of_smtp(error: &smtp::Error) -> JobError {
    let code = error.status().map(|status| format!("smtp-{status}"));
    match code {
        Some(code) if error.is_permanent() => JobError::permanent(code),
        Some(code) => JobError::retry(code),
        None if error.is_timeout() => JobError::retry("smtp-timeout"),
        None if error.is_tls() => JobError::retry("smtp-tls"),
        // Raised before anything is sent: what the server offers and what the settings want do not meet.
        None if error.is_client() => JobError::retry("smtp-client"),
        None if error.is_response() => JobError::retry("smtp-reply-malformed"),
        None => JobError::retry("smtp-connection"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{Error, ErrorKind};

    #[test]
    fn full_disk_is_retried_and_a_bad_address_is_not() {
        let full = MailError::Write(Error::from(ErrorKind::StorageFull));

        assert_eq!(JobError::from(full), JobError::retry("outbox-unwritable"));
        assert_eq!(JobError::from(MailError::Address), JobError::permanent("invalid-address"));
    }
}
