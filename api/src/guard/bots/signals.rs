//! Bot signals that a single request reveals (AUTH-12).

use crate::extract::repeats;
use axum::{
    body::Bytes,
    http::{HeaderMap, HeaderName, header},
};
use domain::sign_in::BotSignal;
use serde_json::{Map, Value};

/// A form hides this field from people and leaves it empty; programs fill in what they find.
pub const HONEYPOT: &str = "fax_number";
/// A form sends back here what `GET /api/auth/form` gave it.
pub const FORM_TOKEN: &str = "form_token";

const FETCH_MODE: HeaderName = HeaderName::from_static("sec-fetch-mode");

/// What crawlers and browsers without a window call themselves. Plain clients such as curl are welcome.
const KNOWN: [&str; 10] = [
    "bot",
    "crawler",
    "spider",
    "headless",
    "phantomjs",
    "selenium",
    "puppeteer",
    "playwright",
    "scrapy",
    "slurp",
];

/// What the headers tell.
pub fn of_headers(headers: &HeaderMap) -> Option<BotSignal> {
    let agent = headers.get(header::USER_AGENT).and_then(|agent| agent.to_str().ok()).unwrap_or_default();
    let agent = agent.to_ascii_lowercase();
    if agent.trim().is_empty() {
        return Some(BotSignal::NoAgent);
    }
    if KNOWN.iter().any(|word| agent.contains(word)) {
        return Some(BotSignal::KnownAgent);
    }
    let json =
        headers.get(header::CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"application/"));
    if json && headers.get(FETCH_MODE).is_some_and(|mode| mode == "navigate") {
        return Some(BotSignal::ImpossibleRequest);
    }
    let browser = agent.starts_with("mozilla/");
    let bare = !headers.contains_key(header::ACCEPT_LANGUAGE) && !headers.contains_key(FETCH_MODE);
    (browser && bare).then_some(BotSignal::OddBrowser)
}

/// What of a body is for nobody but this layer.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Taken {
    pub hidden: Option<BotSignal>,
    /// Of the form that was filled in; what is no text is a token that is none.
    pub form_token: Option<String>,
    /// The body without them, if there were any.
    pub rest: Option<Bytes>,
}

/// Whether the hidden field was filled in, the form's token, and the body without both.
pub fn of_body(body: &Bytes) -> Taken {
    let named = |name: &str| body.windows(name.len()).any(|word| word == name.as_bytes());
    // What is given twice is refused with the whole body, which is not to lose it here.
    let members = ((named(HONEYPOT) || named(FORM_TOKEN)) && !repeats(body))
        .then(|| serde_json::from_slice::<Map<String, Value>>(body).ok())
        .flatten();
    let Some(mut members) = members else { return Taken::default() };
    let (honeypot, token) = (members.remove(HONEYPOT), members.remove(FORM_TOKEN));
    if honeypot.is_none() && token.is_none() {
        return Taken::default();
    }
    let filled = honeypot.is_some_and(|value| !is_empty(&value));
    let token = token.filter(|token| !is_empty(token));
    Taken {
        hidden: filled.then_some(BotSignal::HiddenField),
        form_token: token.map(|token| token.as_str().unwrap_or_default().to_owned()),
        rest: serde_json::to_vec(&members).ok().map(Bytes::from),
    }
}

fn is_empty(value: &Value) -> bool {
    value.is_null() || value.as_str().is_some_and(str::is_empty)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(headers: &[(&'static str, &'static str)]) -> Option<BotSignal> {
        let headers = headers.iter().map(|(name, value)| {
            (HeaderName::from_static(name), axum::http::HeaderValue::from_static(value))
        });
        of_headers(&headers.collect())
    }

    #[test]
    fn plain_clients_and_browsers_are_no_bots() {
        for headers in [
            &[("user-agent", "curl/8.5.0")][..],
            &[("user-agent", "okhttp/4.12.0")],
            &[("user-agent", "Mozilla/5.0 (X11; Linux x86_64)"), ("accept-language", "de")],
            &[("user-agent", "Mozilla/5.0 (X11; Linux x86_64)"), ("sec-fetch-mode", "cors")],
        ] {
            assert_eq!(told(headers), None, "{headers:?}");
        }
    }

    #[test]
    fn pretenders_give_themselves_away() {
        let json = ("content-type", "application/json");
        for (headers, signal) in [
            (&[][..], BotSignal::NoAgent),
            (&[("user-agent", " ")], BotSignal::NoAgent),
            (&[("user-agent", "ExampleBot/2.1 (+https://example.com/bot)")], BotSignal::KnownAgent),
            (&[("user-agent", "Mozilla/5.0 HeadlessChrome/120.0")], BotSignal::KnownAgent),
            (&[("user-agent", "Mozilla/5.0 (Windows NT 10.0)")], BotSignal::OddBrowser),
            (
                &[("user-agent", "Mozilla/5.0"), ("sec-fetch-mode", "navigate"), json],
                BotSignal::ImpossibleRequest,
            ),
        ] {
            assert_eq!(told(headers), Some(signal), "{headers:?}");
        }
    }

    fn body(text: &'static str) -> Taken {
        of_body(&Bytes::from_static(text.as_bytes()))
    }

    #[test]
    fn hidden_field_is_taken_out_and_tells_who_filled_it_in() {
        let rest = || Some(r#"{"username":"jane"}"#.into());

        assert_eq!(body(r#"{"username":"jane"}"#), Taken::default());
        for empty in [r#"{"username":"jane","fax_number":""}"#, r#"{"username":"jane","fax_number":null}"#] {
            assert_eq!(body(empty), Taken { rest: rest(), ..Taken::default() });
        }
        assert_eq!(body(r#"{"fax_number":"1"}"#).hidden, Some(BotSignal::HiddenField));
        assert_eq!(body(r#"{"username":"fax_number"}"#), Taken::default());
        assert_eq!(body(r#"{"fax_number":"#), Taken::default());
    }

    #[test]
    fn token_of_a_form_is_taken_out_and_its_absence_says_nothing() {
        let given = body(r#"{"username":"jane","form_token":"t"}"#);
        assert_eq!((given.form_token.as_deref(), given.hidden), (Some("t"), None));
        assert_eq!(given.rest, Some(r#"{"username":"jane"}"#.into()));

        assert_eq!(body(r#"{"form_token":7}"#).form_token.as_deref(), Some(""), "it is none of ours");
        for absent in [r#"{"form_token":null}"#, r#"{"form_token":""}"#, r#"{"username":"form_token"}"#] {
            assert_eq!(body(absent).form_token, None, "{absent}");
        }
    }
}
