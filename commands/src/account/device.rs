//! The device that a client reports, and the fingerprint that tells one person's devices apart (SESS-06, SESS-09).
//!
//! **Frozen**: a live session is compared with what was derived when it began. Another way to read user agents makes
//! every session look moved, once; a new label does the same.

use crate::codes::Codes;
use aws_lc_rs::hmac;
use domain::{UserId, values::DeviceFingerprint};
use std::sync::LazyLock;
use woothee::parser::Parser;

const FINGERPRINT: &[u8] = b"annals device v1";
/// What woothee calls what it does not know.
const UNKNOWN: &str = "UNKNOWN";
/// And every program that it knows to be no browser.
const LIBRARY: &str = "HTTP Library";
/// Longer names of programs are cut: letters, digits and punctuation of ASCII.
const NAME_BYTES: usize = 64;

static PARSER: LazyLock<Parser> = LazyLock::new(Parser::new);

/// A kind of device as its `User-Agent` tells it, without versions, which change by themselves.
/// Anybody may send any: it shows who is careless, and proves nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Device {
    /// `Firefox`; of programs that are no browsers their own name, such as `curl`; none: it said nothing of use.
    pub browser: Option<String>,
    /// `Windows 10`, `Mac OSX`, `iPhone`, `Android`, `Linux`.
    pub system: Option<String>,
    /// `pc`, `smartphone`, `mobilephone`, `crawler`, `appliance`, `misc`.
    pub form: Option<String>,
}

impl Device {
    /// Never fails: of an unknown program its first word counts (RFC 9110, section 10.1.5).
    pub fn of(user_agent: Option<&str>) -> Self {
        let Some(text) = user_agent.map(str::trim).filter(|text| !text.is_empty()) else {
            return Self::default();
        };
        let read = PARSER.parse(text).unwrap_or_default();
        let browser = match read.name {
            LIBRARY | UNKNOWN | "" => product(text),
            name => Some(name.to_owned()),
        };
        Self { browser, system: known(read.os), form: known(read.category) }
    }
}

/// The product in front of the first version.
fn product(text: &str) -> Option<String> {
    let end = text.find(|c: char| c == '/' || c == '(' || c.is_whitespace()).unwrap_or(text.len());
    let name: String = text[..end].chars().filter(char::is_ascii_graphic).take(NAME_BYTES).collect();
    (!name.is_empty()).then_some(name)
}

fn known(word: &str) -> Option<String> {
    (!word.is_empty() && word != UNKNOWN).then(|| word.to_owned())
}

impl Codes {
    /// The first 128 bits of HMAC-SHA-256(key, label ‖ user ‖ browser ‖ 0 ‖ system ‖ 0 ‖ form).
    pub fn device_fingerprint(&self, user: UserId, device: &Device) -> DeviceFingerprint {
        let user = user.uuid();
        fingerprint(&self.mac(FINGERPRINT, &device.parts(user.as_bytes())))
    }

    /// The same by the other key, while there are two.
    pub fn other_device_fingerprint(&self, user: UserId, device: &Device) -> Option<DeviceFingerprint> {
        let user = user.uuid();
        self.other_mac(FINGERPRINT, &device.parts(user.as_bytes())).map(|mac| fingerprint(&mac))
    }
}

impl Device {
    fn parts<'a>(&'a self, user: &'a [u8]) -> [&'a [u8]; 6] {
        fn text(word: &Option<String>) -> &[u8] {
            word.as_deref().unwrap_or_default().as_bytes()
        }
        let Self { browser, system, form } = self;
        [user, text(browser), &[0], text(system), &[0], text(form)]
    }
}

fn fingerprint(mac: &hmac::Tag) -> DeviceFingerprint {
    let mut first = [0; 16];
    first.copy_from_slice(&mac.as_ref()[..16]);
    DeviceFingerprint::from_bytes(first)
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    const FIREFOX: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0";
    const CHROME: &str = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) \
                          Chrome/131.0.0.0 Safari/537.36";
    const IPHONE: &str = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 \
                          (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1";

    fn user(n: u128) -> UserId {
        UserId::from_uuid(Uuid::from_u128(n))
    }

    fn fingerprint(n: u128, user_agent: Option<&str>) -> String {
        Codes::new(&[7; 32]).device_fingerprint(user(n), &Device::of(user_agent)).to_string()
    }

    #[test]
    fn devices_are_told_as_they_were_yesterday() {
        for (user_agent, browser, system, form) in [
            (FIREFOX, "Firefox", Some("Linux"), Some("pc")),
            (CHROME, "Chrome", Some("Windows 10"), Some("pc")),
            (IPHONE, "Safari", Some("iPhone"), Some("smartphone")),
            ("curl/8.5.0", "curl", None, Some("misc")),
            ("okhttp/4.12.0", "okhttp", None, None),
            ("Shop/3.2 CFNetwork/1490 Darwin/23", "Shop", Some("iOS"), Some("smartphone")),
            ("annals", "annals", None, None),
        ] {
            let device = Device::of(Some(user_agent));
            let told = (device.browser.as_deref(), device.system.as_deref(), device.form.as_deref());
            assert_eq!(told, (Some(browser), system, form), "{user_agent}");
        }
    }

    #[test]
    fn whatever_is_sent_is_some_device() {
        for user_agent in [None, Some(""), Some("  "), Some("/1.0"), Some("(x)"), Some("\u{e9}\u{1f600}/1")] {
            assert_eq!(Device::of(user_agent), Device::default(), "{user_agent:?}");
        }
        let endless = "x".repeat(10_000);
        assert_eq!(Device::of(Some(&endless)).browser.map(|name| name.len()), Some(NAME_BYTES));
    }

    #[test]
    fn new_version_is_the_same_device_and_another_browser_is_not() {
        let newer = FIREFOX.replace("128", "141");

        assert_eq!(fingerprint(1, Some(FIREFOX)), fingerprint(1, Some(&newer)));
        let all = [Some(FIREFOX), Some(CHROME), Some(IPHONE), Some("curl/8.5.0"), None];
        let told: std::collections::BTreeSet<_> = all.iter().map(|agent| fingerprint(1, *agent)).collect();
        assert_eq!(told.len(), all.len());
    }

    #[test]
    fn fingerprint_is_what_it_was_yesterday_and_another_for_every_person() {
        assert_eq!(fingerprint(1, Some(FIREFOX)), "fe0fa2491f9901f7259be794e5b3cba7");
        assert_ne!(fingerprint(1, Some(FIREFOX)), fingerprint(2, Some(FIREFOX)));
    }
}
