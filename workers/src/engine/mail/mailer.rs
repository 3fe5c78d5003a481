//! Composes a mail and sends it by the configured way.

use super::{
    Backend, Content, MailError, MailSettings, console,
    letters::{Letters, Rendered},
    outbox::Outbox,
    smtp::Smtp,
};
use crate::jobs::JobId;
use chrono::{DateTime, Utc};
use domain::values::Email;
use lettre::{
    Address, Message,
    message::{
        Body, Mailbox, MultiPart, SinglePart,
        header::{ContentTransferEncoding, ContentType, HeaderName, HeaderValue},
    },
};
use std::{collections::BTreeSet, sync::Arc};

/// RFC 5322, section 2.1.1.
const LONGEST_LINE: usize = 998;

/// One mail to one person. Not `Debug`: it holds codes.
pub struct Mail {
    /// The job that sends it; the Message-ID is made of it, so that a repeat is recognised as one.
    pub id: JobId,
    pub to: Email,
    /// The mail's `Date`.
    pub at: DateTime<Utc>,
    pub content: Content,
}

/// Sends mail. Cheap to clone.
#[derive(Clone)]
pub struct Mailer(Arc<Inner>);

struct Inner {
    from: Mailbox,
    letters: Letters,
    transport: Transport,
    former_outbox: Option<Outbox>,
}

enum Transport {
    Smtp(Box<Smtp>),
    File(Outbox),
    Console,
}

impl Mailer {
    /// Connects to nothing yet.
    ///
    /// # Errors
    /// When the sender is no address, or the server's name cannot be used with TLS.
    pub fn new(settings: &MailSettings) -> Result<Self, MailError> {
        let from: Mailbox =
            settings.from.parse().map_err(|_| MailError::Settings("the sender is no address"))?;
        let product = from.name.clone().unwrap_or_else(|| from.email.domain().to_owned());
        let letters = Letters::new(&product, &settings.public_url)?;
        let transport = match &settings.backend {
            Backend::Smtp(smtp) => Transport::Smtp(Box::new(Smtp::new(smtp)?)),
            Backend::File { outbox } => Transport::File(Outbox::new(outbox.clone())),
            Backend::Console => Transport::Console,
        };
        let former_outbox = settings.former_outbox.clone().map(Outbox::new);
        Ok(Self(Arc::new(Inner { from, letters, transport, former_outbox })))
    }

    /// Sends it; when this returns `Ok`, the server has taken it or the file is durable.
    ///
    /// # Errors
    /// See [`MailError`]; its conversion to a [`crate::jobs::JobError`] says which are worth another try.
    pub async fn send(&self, mail: &Mail) -> Result<(), MailError> {
        let message = self.0.compose(mail)?;
        match &self.0.transport {
            Transport::Smtp(smtp) => smtp.send(message).await?,
            Transport::File(outbox) => outbox.write(mail.id, message.formatted()).await?,
            Transport::Console => console::print(&message.formatted()).await?,
        }
        tracing::debug!(mail = %mail.id, "a mail was sent");
        Ok(())
    }
}

impl Mailer {
    /// Removes the mails to these addresses (in lower case) that lie as files, whatever the backend is by now; what was
    /// sent is out of our hands.
    ///
    /// # Errors
    /// [`MailError::Write`] if one is there and cannot be read or removed.
    pub async fn forget(&self, addresses: &BTreeSet<String>) -> Result<(), MailError> {
        if addresses.is_empty() {
            return Ok(());
        }
        let present = match &self.0.transport {
            Transport::File(outbox) => Some(outbox),
            Transport::Smtp(_) | Transport::Console => None,
        };
        for outbox in present.into_iter().chain(&self.0.former_outbox) {
            outbox.forget(addresses.clone()).await?;
        }
        Ok(())
    }
}

impl Inner {
    fn compose(&self, mail: &Mail) -> Result<Message, MailError> {
        let Rendered { subject, text, html } = self.letters.render(&mail.content)?;
        let to: Address = mail.to.as_str().parse().map_err(|_| MailError::Address)?;
        let body = MultiPart::alternative()
            .boundary(mail.id.uuid().simple().to_string())
            .singlepart(part(ContentType::TEXT_PLAIN, text))
            .singlepart(part(ContentType::TEXT_HTML, html));
        Message::builder()
            .message_id(Some(format!("<{}@{}>", mail.id, self.from.email.domain())))
            .date(mail.at.into())
            .from(self.from.clone())
            .to(Mailbox::new(None, to))
            .subject(subject)
            .raw_header(auto_submitted())
            .multipart(body)
            .map_err(|_| MailError::Compose)
    }
}

/// As it stands where that is allowed: quoted-printable, which lettre would choose from 77 characters on, breaks links
/// in two for whoever reads the outbox as files.
fn part(kind: ContentType, text: String) -> SinglePart {
    let is_short = |line: &str| line.len() <= LONGEST_LINE;
    let body = if text.is_ascii() && text.lines().all(is_short) {
        let lines = text.replace('\n', "\r\n").into_bytes();
        Body::dangerous_pre_encoded(lines, ContentTransferEncoding::SevenBit)
    } else {
        Body::new(text)
    };
    SinglePart::builder().header(kind).body(body)
}

/// RFC 3834: holiday notices and other robots must not answer.
fn auto_submitted() -> HeaderValue {
    HeaderValue::new(HeaderName::new_from_ascii_str("Auto-Submitted"), "auto-generated".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mailer(from: &str) -> Result<Mailer, MailError> {
        Mailer::new(&MailSettings { from: from.to_owned(), ..MailSettings::default() })
    }

    fn mail(second: i64) -> Mail {
        Mail {
            id: JobId::of("send_email", "event", "target"),
            to: Email::parse("o'neil+tag@example.com").unwrap(),
            at: DateTime::from_timestamp(1_767_225_600 + second, 0).unwrap(),
            content: Content::VerifyEmail {
                code: "493817".to_owned(),
                minutes: 10,
                username: "jane".to_owned(),
            },
        }
    }

    fn headers(mail: &Mail) -> String {
        let message = mailer(super::super::settings::DEFAULT_FROM).unwrap().0.compose(mail).unwrap();
        let text = String::from_utf8(message.formatted()).unwrap();
        text.split_once("\r\n\r\n").unwrap().0.to_owned()
    }

    #[test]
    fn headers_say_who_when_and_that_a_program_wrote_it() {
        let headers = headers(&mail(0));

        for line in [
            "From: Annals <no-reply@localhost>",
            "To: o'neil+tag@example.com",
            "Date: Thu, 01 Jan 2026 00:00:00 +0000",
            "Auto-Submitted: auto-generated",
            "Subject: Your verification code",
        ] {
            assert!(headers.contains(line), "{line} is missing in {headers}");
        }
        assert!(!headers.contains("493817"));
    }

    #[test]
    fn repeat_of_a_mail_differs_in_its_date_only() {
        let strip = |headers: String| {
            headers.lines().filter(|line| !line.starts_with("Date")).collect::<Vec<_>>().join("\n")
        };

        let (first, again) = (strip(headers(&mail(0))), strip(headers(&mail(60))));

        assert!(first.contains(&format!("Message-ID: <{}@localhost>", mail(0).id)));
        assert_eq!(first, again);
    }

    #[test]
    fn long_link_stays_in_one_piece_and_foreign_letters_are_encoded() {
        let at = mail(0).at;
        let content = Content::ResetPassword { token: "x".repeat(200), minutes: 10 };
        let compose = |from: &str| {
            let mail = Mail { content: content.clone(), at, ..mail(0) };
            String::from_utf8(mailer(from).unwrap().0.compose(&mail).unwrap().formatted()).unwrap()
        };

        assert!(compose("Annals <a@b.c>").contains(&format!("#token={}\r\n", "x".repeat(200))));
        assert!(compose("\"M\u{fc}ller\" <a@b.c>").is_ascii());
    }

    #[test]
    fn sender_that_is_no_address_is_refused_at_the_start() {
        assert!(matches!(mailer("Annals"), Err(MailError::Settings(_))));
    }
}
