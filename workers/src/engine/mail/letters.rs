//! The texts of mails: plain text and HTML from compiled templates.
//!
//! Codes and tokens stand in bodies only: subjects are shown on locked screens and kept in many logs.
//! What people wrote, such as the name of a badge, does too: nothing of it can become a header.
//! Templates are plain ASCII, so that no transfer encoding breaks a link in the file outbox.

use super::MailError;
use chrono::{DateTime, Utc};
use domain::AwardId;
use minijinja::{Environment, UndefinedBehavior, Value, context};

/// A letter's content. Not `Debug`: it holds codes.
#[derive(Clone, PartialEq, Eq)]
pub enum Content {
    VerifyEmail {
        code: String,
        minutes: i64,
        /// Of the account that the code verifies: several may have been registered with one address.
        username: String,
    },
    ResetPassword {
        token: String,
        minutes: i64,
    },
    /// To the person for whom staff made an account.
    Invitation {
        token: String,
        hours: i64,
    },
    /// To the owner of an account whose address somebody else tried to verify.
    AlreadyRegistered,
    PasswordChanged {
        at: DateTime<Utc>,
        /// By a mailed token: API keys sleep from then on.
        by_reset: bool,
        /// Whose keys the person answers for, and which sleep as well.
        services: Vec<String>,
    },
    /// To the present address, with what stops the change.
    EmailChangeAsked {
        token: String,
        at: DateTime<Utc>,
    },
    ApiKeyCreated {
        at: DateTime<Utc>,
    },
    /// To the former address.
    AddressReplaced {
        at: DateTime<Utc>,
    },
    /// The account is erased then, unless its person logs in and keeps it.
    DeletionRequested {
        at: DateTime<Utc>,
    },
    /// The badge as it was when it was awarded; `at` is when it was earned.
    BadgeEarned {
        award: AwardId,
        name: String,
        points: u32,
        at: DateTime<Utc>,
    },
}

/// A letter as it is sent.
pub(super) struct Rendered {
    pub subject: &'static str,
    pub text: String,
    pub html: String,
}

pub(super) struct Letters {
    templates: Environment<'static>,
    product: String,
    public_url: String,
}

macro_rules! templates {
    ($($name:literal),* $(,)?) => {
        const TEMPLATES: &[(&str, &str)] = &[
            ("layout.html", include_str!("templates/layout.html")),
            $((concat!($name, ".txt"), include_str!(concat!("templates/", $name, ".txt"))),
              (concat!($name, ".html"), include_str!(concat!("templates/", $name, ".html"))),)*
        ];
    };
}

templates![
    "verify_email",
    "reset_password",
    "invitation",
    "already_registered",
    "password_changed",
    "email_change_asked",
    "api_key_created",
    "address_replaced",
    "deletion_requested",
    "badge_earned",
];

impl Content {
    const fn template(&self) -> &'static str {
        match self {
            Self::VerifyEmail { .. } => "verify_email",
            Self::ResetPassword { .. } => "reset_password",
            Self::Invitation { .. } => "invitation",
            Self::AlreadyRegistered => "already_registered",
            Self::PasswordChanged { .. } => "password_changed",
            Self::EmailChangeAsked { .. } => "email_change_asked",
            Self::ApiKeyCreated { .. } => "api_key_created",
            Self::AddressReplaced { .. } => "address_replaced",
            Self::DeletionRequested { .. } => "deletion_requested",
            Self::BadgeEarned { .. } => "badge_earned",
        }
    }

    const fn subject(&self) -> &'static str {
        match self {
            Self::VerifyEmail { .. } => "Your verification code",
            Self::ResetPassword { .. } => "Reset your password",
            Self::Invitation { .. } => "An account was made for you",
            Self::AlreadyRegistered => "Somebody tried to register with your address",
            Self::PasswordChanged { .. } => "Your password was changed",
            Self::EmailChangeAsked { .. } => "Somebody asked to change the address of your account",
            Self::ApiKeyCreated { .. } => "An API key was made for your account",
            Self::AddressReplaced { .. } => "The address of your account was changed",
            Self::DeletionRequested { .. } => "Your account is going to be deleted",
            Self::BadgeEarned { .. } => "You earned a badge",
        }
    }
}

impl Letters {
    pub(super) fn new(product: &str, public_url: &str) -> Result<Self, MailError> {
        let mut templates = Environment::new();
        templates.set_undefined_behavior(UndefinedBehavior::Strict);
        // A debug report would show the variables: codes.
        templates.set_debug(false);
        for (name, source) in TEMPLATES {
            templates.add_template(name, source).map_err(|_| MailError::Compose)?;
        }
        let public_url = public_url.trim_end_matches('/').to_owned();
        Ok(Self { templates, product: product.to_owned(), public_url })
    }

    pub(super) fn render(&self, content: &Content) -> Result<Rendered, MailError> {
        let values = self.values(content);
        let render = |kind: &str| {
            let name = format!("{}.{kind}", content.template());
            self.templates
                .get_template(&name)
                .and_then(|t| t.render(values.clone()))
                .map_err(|_| MailError::Compose)
        };
        Ok(Rendered { subject: content.subject(), text: render("txt")?, html: render("html")? })
    }

    fn values(&self, content: &Content) -> Value {
        let Self { product, public_url, .. } = self;
        let day = |at: &DateTime<Utc>| at.format("%Y-%m-%d %H:%M UTC").to_string();
        match content {
            Content::VerifyEmail { code, minutes, username } => context! { product, code, minutes, username },
            Content::ResetPassword { token, minutes } => {
                context! { product, public_url, token, minutes }
            }
            Content::Invitation { token, hours } => context! { product, public_url, token, hours },
            Content::AlreadyRegistered => context! { product, public_url },
            Content::PasswordChanged { at, by_reset, services } => {
                let services = services.join(", ");
                context! { product, public_url, by_reset, services, at => day(at) }
            }
            Content::EmailChangeAsked { token, at } => {
                context! { product, public_url, token, at => day(at) }
            }
            Content::ApiKeyCreated { at }
            | Content::AddressReplaced { at }
            | Content::DeletionRequested { at } => {
                context! { product, public_url, at => day(at) }
            }
            Content::BadgeEarned { award, name, points, at } => {
                let award = award.to_string();
                context! { product, public_url, award, name, points, at => day(at) }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn render(content: &Content) -> Rendered {
        Letters::new("Annals", "https://annals.example/").unwrap().render(content).unwrap()
    }

    fn earned(name: &str) -> Content {
        let at = DateTime::from_timestamp(1_767_225_600, 0).unwrap();
        Content::BadgeEarned { award: AwardId::default(), name: name.to_owned(), points: 25, at }
    }

    fn every_content() -> [Content; 10] {
        let at = DateTime::from_timestamp(1_767_225_600, 0).unwrap();
        [
            Content::VerifyEmail { code: "493817".to_owned(), minutes: 10, username: "jane".to_owned() },
            Content::ResetPassword { token: "t-0_k".to_owned(), minutes: 10 },
            Content::AlreadyRegistered,
            Content::Invitation { token: "t-0_k".to_owned(), hours: 72 },
            Content::PasswordChanged { at, by_reset: true, services: vec!["etl".to_owned()] },
            Content::AddressReplaced { at },
            Content::ApiKeyCreated { at },
            Content::DeletionRequested { at },
            earned("First Post"),
            Content::EmailChangeAsked { token: "t-0_k".to_owned(), at },
        ]
    }

    #[test]
    fn code_is_in_both_bodies_and_not_in_the_subject() {
        let letter = render(&every_content()[0]);

        assert!(letter.text.contains("493817") && letter.html.contains("493817"));
        assert!(!letter.subject.contains("493817"));
    }

    #[test]
    fn reset_letter_has_the_link_and_the_bare_token() {
        let letter = render(&every_content()[1]);

        for body in [letter.text, letter.html.replace("&#x2f;", "/")] {
            assert!(body.contains("https://annals.example/reset-password#token=t-0_k"), "{body}");
            assert!(body.replace("token=t-0_k", "").contains("t-0_k"), "{body}");
        }
    }

    #[test]
    fn letter_about_a_change_of_address_has_the_link_and_the_bare_token_that_stop_it() {
        let letter = render(&every_content()[9]);

        for body in [letter.text, letter.html.replace("&#x2f;", "/")] {
            assert!(body.contains("https://annals.example/stop-email-change#token=t-0_k"), "{body}");
            assert!(body.replace("token=t-0_k", "").contains("t-0_k"), "{body}");
        }
    }

    /// A fragment is not sent to a server, and stands in no log and no `Referer`.
    #[test]
    fn tokens_are_in_no_query_of_any_link() {
        for content in every_content() {
            let letter = render(&content);
            for body in [letter.text, letter.html.replace("&#x2f;", "/")] {
                let links = body.split(['"', '\n', ' ']).filter(|word| word.starts_with("https://"));
                assert!(links.into_iter().all(|link| !link.contains('?')), "{body}");
            }
        }
    }

    #[test]
    fn letter_about_a_new_password_says_what_becomes_of_api_keys() {
        let at = DateTime::from_timestamp(1_767_225_600, 0).unwrap();
        for (by_reset, said) in [(true, "keys are disabled until you confirm"), (false, "keys still work")] {
            let letter = render(&Content::PasswordChanged { at, by_reset, services: Vec::new() });
            assert!(letter.text.contains(said) && letter.html.contains(said), "{}", letter.text);
            assert!(
                !letter.text.contains("services") && !letter.html.contains("services"),
                "{}",
                letter.text
            );
        }
    }

    #[test]
    fn letter_about_a_reset_names_the_services_whose_keys_are_disabled_and_who_enables_them() {
        let at = DateTime::from_timestamp(1_767_225_600, 0).unwrap();
        let services = vec!["badge-engine".to_owned(), "etl".to_owned()];

        let letter = render(&Content::PasswordChanged { at, by_reset: true, services });

        for body in [letter.text, letter.html] {
            assert!(body.contains("services are disabled as well: badge-engine, etl."), "{body}");
            assert!(body.contains("until you or another owner"), "{body}");
        }
    }

    #[test]
    fn notices_hold_no_code_and_say_when() {
        let letter = render(&every_content()[4]);

        assert!(letter.text.contains("2026-01-01 00:00 UTC"));
        assert!(!render(&Content::AlreadyRegistered).text.contains("code"));
    }

    #[test]
    fn html_is_escaped_and_text_is_not() {
        let letters = Letters::new("A <b>&</b> C", "https://annals.example").unwrap();

        let letter = letters.render(&Content::AlreadyRegistered).unwrap();

        assert!(letter.html.contains("A &lt;b&gt;&amp;&lt;"), "{}", letter.html);
        assert!(letter.text.contains("A <b>&</b> C"));
    }

    #[test]
    fn name_of_a_badge_is_text_and_nowhere_in_the_subject() {
        let letter = render(&earned("<b>Zero</b>"));

        assert!(letter.text.contains("the badge <b>Zero</b>, worth 25 points"), "{}", letter.text);
        assert!(letter.html.contains("&lt;b&gt;Zero&lt;"), "{}", letter.html);
        assert!(letter.text.contains("https://annals.example/api/public/badges/00000000-"));
        assert_eq!(letter.subject, render(&earned("First Post")).subject);
    }

    #[test]
    fn every_letter_is_plain_ascii_in_short_lines() {
        for content in every_content() {
            let letter = render(&content);
            for body in [letter.text, letter.html] {
                assert!(body.is_ascii() && body.lines().all(|line| line.len() < 200), "{body}");
            }
        }
    }
}
