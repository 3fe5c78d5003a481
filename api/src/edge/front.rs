//! The front of the API (SEC-04): trusted proxies, host names, HTTPS, origins.
//!
//! Values are parsed here, once, from what an operator wrote; an entry that cannot be meant is refused, not ignored.

use axum::http::HeaderValue;
use std::{net::IpAddr, str::FromStr};

/// As an operator has set it. The default lets everything through and says nothing of HTTPS.
#[derive(Clone, Debug, Default)]
pub struct Front {
    pub proxies: TrustedProxies,
    pub hosts: AllowedHosts,
    pub origins: Origins,
    /// Plain HTTP is refused; who opens a page in a browser is led to HTTPS.
    pub https_only: bool,
    pub hsts: Hsts,
}

/// `Strict-Transport-Security` on replies over HTTPS (RFC 6797).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Hsts {
    /// 0: it is not sent.
    pub seconds: u64,
    /// Also for every host below this one.
    pub subdomains: bool,
    /// May stand in the list that browsers are shipped with.
    pub preload: bool,
}

impl Hsts {
    /// The header's value; none if it is not sent.
    pub fn value(self) -> Option<HeaderValue> {
        let subdomains = if self.subdomains { "; includeSubDomains" } else { "" };
        let preload = if self.preload { "; preload" } else { "" };
        let value = format!("max-age={}{subdomains}{preload}", self.seconds);
        HeaderValue::from_str(&value).ok().filter(|_| self.seconds > 0)
    }
}

/// Networks whose `X-Forwarded-*` headers are believed. Empty: nobody's.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TrustedProxies(Vec<Network>);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Network {
    address: IpAddr,
    prefix: u8,
}

impl TrustedProxies {
    pub fn trusts(&self, peer: IpAddr) -> bool {
        let peer = peer.to_canonical();
        self.0.iter().any(|network| network.contains(peer))
    }
}

impl Network {
    fn contains(&self, peer: IpAddr) -> bool {
        match (self.address, peer) {
            (IpAddr::V4(network), IpAddr::V4(peer)) => {
                let ignored = 32 - u32::from(self.prefix);
                let cut = |bits: u32| bits.checked_shr(ignored).unwrap_or(0);
                cut(network.to_bits()) == cut(peer.to_bits())
            }
            (IpAddr::V6(network), IpAddr::V6(peer)) => {
                let ignored = 128 - u32::from(self.prefix);
                let cut = |bits: u128| bits.checked_shr(ignored).unwrap_or(0);
                cut(network.to_bits()) == cut(peer.to_bits())
            }
            _ => false,
        }
    }
}

/// Addresses and networks such as `10.0.0.0/8`, separated by commas.
impl FromStr for TrustedProxies {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        entries(text).map(network).collect::<Option<_>>().map(Self).ok_or(())
    }
}

fn network(text: &str) -> Option<Network> {
    let (address, prefix) = text.split_once('/').map_or((text, None), |(a, p)| (a, Some(p)));
    let address: IpAddr = address.parse().ok()?;
    let whole = if address.is_ipv4() { 32 } else { 128 };
    let prefix = prefix.map_or(Some(whole), |prefix| prefix.parse().ok())?;
    (prefix <= whole).then_some(Network { address, prefix })
}

/// Host names that the API answers to, as Django's `ALLOWED_HOSTS` spells them. Empty: to any.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AllowedHosts(Vec<String>);

impl AllowedHosts {
    pub const fn is_any(&self) -> bool {
        self.0.is_empty()
    }

    /// Whatever its port and case; `.example.com` allows the domain itself and all below it.
    pub fn allows(&self, host: &str) -> bool {
        let host = name(host);
        self.is_any()
            || self.0.iter().any(|allowed| match allowed.strip_prefix('.') {
                Some(domain) => host == domain || host.ends_with(allowed.as_str()),
                None => host == *allowed,
            })
    }
}

/// The name of `name:port`, in lower case, without the dot that may end it.
fn name(host: &str) -> String {
    let end = if host.starts_with('[') { host.find(']').map(|at| at + 1) } else { host.find(':') };
    let name = end.map_or(host, |end| host.get(..end).unwrap_or(host));
    name.strip_suffix('.').unwrap_or(name).to_ascii_lowercase()
}

/// Names separated by commas; `*` among them allows any.
impl FromStr for AllowedHosts {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let names: Vec<String> = entries(text).map(str::to_ascii_lowercase).collect();
        let good = |name: &String| name == "*" || is_host(name.strip_prefix('.').unwrap_or(name));
        match names.iter().all(good) {
            true if names.iter().any(|name| name == "*") => Ok(Self::default()),
            true => Ok(Self(names)),
            false => Err(()),
        }
    }
}

/// A DNS name, an IPv4 address, or an IPv6 address in brackets; no port.
pub fn is_host(text: &str) -> bool {
    match text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
        Some(address) => address.parse::<std::net::Ipv6Addr>().is_ok(),
        None => {
            let good = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
            (1..=253).contains(&text.len())
                && text.split('.').all(|label| !label.is_empty() && label.bytes().all(good))
        }
    }
}

/// What a `Host` may hold (RFC 9110, section 7.2): a host with or without a port, and nobody's name before it.
pub fn is_authority(text: &str) -> bool {
    let end = if text.starts_with('[') { text.find(']').map(|at| at + 1) } else { text.find(':') };
    let (host, port) = text.split_at(end.unwrap_or(text.len()));
    let digits = |port: &str| port.bytes().all(|b| b.is_ascii_digit()) && port.parse::<u16>().is_ok();
    let good_port =
        port.is_empty() || port.strip_prefix(':').is_some_and(|port| port.is_empty() || digits(port));
    is_host(host.strip_suffix('.').unwrap_or(host)) && good_port
}

/// Origins (RFC 6454) whose pages may call the API from a browser. Exact ones only: with a wildcard, any page could act
/// with its visitor's credentials.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Origins(Vec<HeaderValue>);

impl Origins {
    pub fn list(&self) -> &[HeaderValue] {
        &self.0
    }
}

/// `scheme://host` or `scheme://host:port`, separated by commas.
impl FromStr for Origins {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        entries(text).map(origin).collect::<Option<_>>().map(Self).ok_or(())
    }
}

/// As browsers write it: in lower case, without a port that its scheme implies.
fn origin(text: &str) -> Option<HeaderValue> {
    let text = text.to_ascii_lowercase();
    let (scheme, authority) = text.split_once("://")?;
    let letters = |b: u8| b.is_ascii_alphanumeric() || b"+-.".contains(&b);
    let bare = match scheme {
        "https" => authority.strip_suffix(":443").unwrap_or(authority),
        "http" => authority.strip_suffix(":80").unwrap_or(authority),
        _ => authority,
    };
    let port = bare.get(name(bare).len()..)?;
    let good_port = port.is_empty() || port.strip_prefix(':').is_some_and(|port| port.parse::<u16>().is_ok());
    if scheme.is_empty() || !scheme.bytes().all(letters) || !is_host(&name(bare)) || !good_port {
        return None;
    }
    HeaderValue::from_str(&format!("{scheme}://{bare}")).ok()
}

fn entries(text: &str) -> impl Iterator<Item = &str> {
    text.split(',').map(str::trim).filter(|entry| !entry.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn proxies(text: &str) -> TrustedProxies {
        text.parse().unwrap()
    }

    #[test]
    fn proxies_are_addresses_and_networks() {
        let trusted = proxies("127.0.0.1, 10.0.0.0/8,fd00::/8");

        for peer in ["127.0.0.1", "10.255.1.2", "fd12::1", "::ffff:10.1.1.1"] {
            assert!(trusted.trusts(peer.parse().unwrap()), "{peer}");
        }
        for peer in ["127.0.0.2", "11.0.0.1", "fe80::1", "::1"] {
            assert!(!trusted.trusts(peer.parse().unwrap()), "{peer}");
        }
        assert!(!proxies("").trusts("127.0.0.1".parse().unwrap()));
        assert!(proxies("0.0.0.0/0").trusts("8.8.8.8".parse().unwrap()));
        for bad in ["10.0.0.0/33", "10.0.0", "proxy", "10.0.0.0/"] {
            assert!(bad.parse::<TrustedProxies>().is_err(), "{bad}");
        }
    }

    #[test]
    fn hosts_are_names_domains_or_any() {
        let hosts: AllowedHosts = "api.example.com,.example.org,[::1]".parse().unwrap();

        for host in ["api.example.com", "API.example.com:8443", "example.org", "a.b.example.org.", "[::1]:80"]
        {
            assert!(hosts.allows(host), "{host}");
        }
        for host in ["example.com", "badexample.org", "api.example.com.evil.com", "", "[::2]"] {
            assert!(!hosts.allows(host), "{host}");
        }
        assert!("a.example,*".parse::<AllowedHosts>().unwrap().allows("whatever"));
        assert!("".parse::<AllowedHosts>().unwrap().is_any());
        for bad in ["http://a.example", "a.example/x", "a..b", "*.example.com"] {
            assert!(bad.parse::<AllowedHosts>().is_err(), "{bad}");
        }
    }

    #[test]
    fn authority_is_a_host_and_a_port_and_nothing_else() {
        for good in
            ["a", "a.example:8000", "A.example.", "127.0.0.1:1", "[::1]", "[2001:db8::1]:443", "a:", "a_b"]
        {
            assert!(is_authority(good), "{good}");
        }
        for bad in [
            "", ":80", "a:b", "a:99999", "a:+80", "user@a", "a/b", "a b", "a,b", "[::1", "::1", "a..b",
            "[::1]x", "ä",
        ] {
            assert!(!is_authority(bad), "{bad}");
        }
    }

    #[test]
    fn transport_security_is_said_in_the_words_of_its_standard() {
        let value = |hsts: Hsts| hsts.value().map(|value| value.to_str().unwrap().to_owned());
        let year = Hsts { seconds: 31_536_000, ..Hsts::default() };

        assert_eq!(value(year).unwrap(), "max-age=31536000");
        assert_eq!(value(Hsts { subdomains: true, ..year }).unwrap(), "max-age=31536000; includeSubDomains");
        let listed = Hsts { subdomains: true, preload: true, ..year };
        assert_eq!(value(listed).unwrap(), "max-age=31536000; includeSubDomains; preload");
        assert_eq!(value(Hsts { seconds: 0, ..listed }), None);
    }

    #[test]
    fn origins_are_exact() {
        let origins: Origins =
            "https://App.example.com, http://localhost:3000, https://a.example:443".parse().unwrap();

        assert_eq!(origins.list(), ["https://app.example.com", "http://localhost:3000", "https://a.example"]);
        for bad in [
            "*",
            "null",
            "app.example.com",
            "https://*.example.com",
            "https://a.example/",
            "https://a.example:x",
            "https://u@a.example",
        ] {
            assert!(bad.parse::<Origins>().is_err(), "{bad}");
        }
    }
}
