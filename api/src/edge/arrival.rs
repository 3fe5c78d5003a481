//! The origin of a request: client, host, and whether it came over HTTPS (SEC-04).
//!
//! The program itself speaks plain HTTP. What a proxy in front of it saw is in `X-Forwarded-For`, `-Host` and `-Proto`,
//! which anybody can send: they count only from a peer that is trusted to have set them. `Forwarded` (RFC 7239) never
//! counts: where two headers say the same, a proxy sets one, and its client the other.

use super::{
    Edge,
    front::{TrustedProxies, is_authority},
};
use crate::problem::{Problem, catalogue as kind};
use axum::{
    extract::{ConnectInfo, Request, State},
    http::{HeaderMap, Method, StatusCode, Version, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use std::net::{IpAddr, SocketAddr};

/// What is known before a request is read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Arrival {
    /// The client, or the last one in front of it that is not a trusted proxy.
    pub client: Option<IpAddr>,
    /// With its port, as it was asked for; none if there is not exactly one.
    pub host: Option<String>,
    pub secure: bool,
}

impl Arrival {
    pub fn of(request: &Request, proxies: &TrustedProxies) -> Self {
        let headers = request.headers();
        let peer = request.extensions().get::<ConnectInfo<SocketAddr>>();
        let peer = peer.map(|ConnectInfo(peer)| peer.ip().to_canonical());
        let own = request.uri().authority().map(|authority| authority.as_str().to_owned());
        let own = own.or_else(|| only(headers, header::HOST.as_str()));
        let Some(proxy) = peer.filter(|peer| proxies.trusts(*peer)) else {
            return Self { client: peer, host: own, secure: false };
        };
        let proto = last(headers, "x-forwarded-proto");
        Self {
            client: Some(client(headers, proxy, proxies)),
            host: last(headers, "x-forwarded-host").or(own),
            secure: proto.is_some_and(|proto| proto.eq_ignore_ascii_case("https")),
        }
    }
}

/// Each proxy adds whom it was called by: read from the right, up to the first that nobody vouches for.
fn client(headers: &HeaderMap, proxy: IpAddr, proxies: &TrustedProxies) -> IpAddr {
    let mut client = proxy;
    for hop in values(headers, "x-forwarded-for").rev() {
        let Some(hop) = address(hop) else { break };
        client = hop.to_canonical();
        if !proxies.trusts(client) {
            break;
        }
    }
    client
}

/// As proxies write it: alone, with a port, an IPv6 address in brackets, in quotes or with its zone.
fn address(text: &str) -> Option<IpAddr> {
    let text = text.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(text);
    let unzoned = |text: &str| text.split_once('%').map_or(text, |(address, _)| address).parse().ok();
    match text.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((address, port)) => {
            unzoned(address).filter(|address: &IpAddr| address.is_ipv6() && is_port(port))
        }
        None => unzoned(text).or_else(|| {
            let (address, port) = text.split_at(text.find(':')?);
            address.parse().ok().filter(|address: &IpAddr| address.is_ipv4() && is_port(port))
        }),
    }
}

/// `:` and a number, or nothing.
fn is_port(text: &str) -> bool {
    text.is_empty() || text.strip_prefix(':').is_some_and(|port| port.parse::<u16>().is_ok())
}

fn last(headers: &HeaderMap, name: &str) -> Option<String> {
    values(headers, name).next_back().map(str::to_owned)
}

fn only(headers: &HeaderMap, name: &str) -> Option<String> {
    let mut values = headers.get_all(name).iter();
    let (value, None) = (values.next()?, values.next()) else { return None };
    value.to_str().ok().map(str::to_owned)
}

/// The members of a header that is a list, over all its lines.
fn values<'a>(headers: &'a HeaderMap, name: &str) -> impl DoubleEndedIterator<Item = &'a str> {
    let lines: Vec<&str> = headers.get_all(name).iter().filter_map(|value| value.to_str().ok()).collect();
    lines.into_iter().flat_map(|line| line.split(',')).map(str::trim).filter(|value| !value.is_empty())
}

/// The longest head of a request; also what is read ahead of one that is not whole.
pub const HEAD_BYTES: usize = 32 * 1024;

/// On a request whose connection has a place for health alone.
#[derive(Clone, Copy, Debug)]
pub struct Crowded;

/// Refuses hosts that are none or not ours, and what comes over plain HTTP where HTTPS is asked for. Probes come to an
/// address: health is for all.
pub async fn admit(State(edge): State<Edge>, request: Request, next: Next) -> Response {
    let front = &edge.options().front;
    let probe = request.uri().path().starts_with("/health/");
    if head_bytes(&request) > HEAD_BYTES {
        return Problem::of(&kind::HEAD_TOO_LARGE)
            .detail(format!("at most {HEAD_BYTES} bytes"))
            .into_response();
    }
    let arrival = Arrival::of(&request, &front.proxies);
    if !names_its_host(&request) || arrival.host.as_deref().is_some_and(|host| !is_authority(host)) {
        return hostless();
    }
    if !probe && request.extensions().get::<Crowded>().is_some() {
        let detail = "the limit of connections is reached, in total or for your network";
        return Problem::of(&kind::BUSY).detail(detail).retry_after(1).into_response();
    }
    if probe || (front.hosts.is_any() && !front.https_only) {
        return next.run(request).await;
    }
    // HTTP/1.0 asks without one; where names count, it has come to none.
    let Some(host) = arrival.host else { return hostless() };
    if !front.hosts.allows(&host) {
        return Problem::of(&kind::MISDIRECTED).into_response();
    }
    match front.https_only && !arrival.secure {
        true => insecure(&request, &host),
        false => next.run(request).await,
    }
}

/// As it came: each line with its colon, its blank and its end.
fn head_bytes(request: &Request) -> usize {
    let target = request.uri().path_and_query().map_or(1, |target| target.as_str().len());
    let lines = request.headers().iter().map(|(name, value)| name.as_str().len() + value.len() + 4);
    target + lines.sum::<usize>()
}

fn hostless() -> Response {
    let detail = "exactly one Host is required: a name or an address, with or without a port";
    Problem::of(&kind::MALFORMED_HEADER).detail(detail).into_response()
}

/// HTTP/1.1 has exactly one `Host`, whatever the form of its target (RFC 9112, section 3.2).
fn names_its_host(request: &Request) -> bool {
    let mut hosts = request.headers().get_all(header::HOST).iter();
    match (hosts.next(), hosts.next()) {
        (Some(host), None) => host.to_str().is_ok_and(is_authority),
        (None, _) => request.version() < Version::HTTP_11,
        (Some(_), Some(_)) => false,
    }
}

/// A person who types an address is led to HTTPS. What a program sends is refused: followed without a word, a redirect
/// would let it go on sending its credentials in clear.
fn insecure(request: &Request, host: &str) -> Response {
    let reads = matches!(*request.method(), Method::GET | Method::HEAD);
    let proves = [header::AUTHORIZATION, header::COOKIE];
    let proves = proves.iter().any(|name| request.headers().contains_key(name));
    if !reads || proves || !is_page(request.uri().path()) {
        return Problem::of(&kind::HTTPS_ONLY).into_response();
    }
    let path = request.uri().path_and_query().map_or("/", |path| path.as_str());
    (StatusCode::MOVED_PERMANENTLY, [(header::LOCATION, format!("https://{host}{path}"))]).into_response()
}

/// What people read in a browser, and the documents.
fn is_page(path: &str) -> bool {
    const DOCUMENTS: [&str; 3] = ["/docs", "/api/openapi.json", "/api/asyncapi.json"];
    const BELOW: [&str; 4] = ["/docs/", "/problems/", "/.well-known/", "/api/public/"];
    DOCUMENTS.contains(&path) || BELOW.iter().any(|folder| path.starts_with(folder))
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::body::Body;

    fn arrival(peer: &str, headers: &[(&str, &str)]) -> Arrival {
        let mut request = Request::builder().uri("/api/me");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let mut request = request.body(Body::empty()).unwrap();
        let peer = SocketAddr::new(peer.parse().unwrap(), 1);
        request.extensions_mut().insert(ConnectInfo(peer));
        Arrival::of(&request, &"10.0.0.0/8".parse().unwrap())
    }

    const FORWARDED: [(&str, &str); 4] = [
        ("host", "inner:8000"),
        ("x-forwarded-for", "1.1.1.1, 9.9.9.9, 10.0.0.2"),
        ("x-forwarded-proto", "https"),
        ("x-forwarded-host", "api.example.com"),
    ];

    #[test]
    fn trusted_proxy_is_believed_up_to_the_first_that_it_does_not_vouch_for() {
        let arrival = arrival("10.0.0.1", &FORWARDED);

        assert_eq!(arrival.client.unwrap().to_string(), "9.9.9.9");
        assert_eq!((arrival.host.as_deref(), arrival.secure), (Some("api.example.com"), true));
    }

    #[test]
    fn strangers_are_not_believed() {
        let arrival = arrival("8.8.8.8", &FORWARDED);

        assert_eq!(arrival.client.unwrap().to_string(), "8.8.8.8");
        assert_eq!((arrival.host.as_deref(), arrival.secure), (Some("inner:8000"), false));
    }

    #[test]
    fn what_a_client_wrote_before_its_proxy_does_not_count() {
        let headers = [("x-forwarded-proto", "https"), ("x-forwarded-proto", "http")];

        assert!(!arrival("10.0.0.1", &headers).secure);
        assert!(!arrival("10.0.0.1", &[("x-forwarded-proto", "https, http")]).secure);
    }

    #[test]
    fn addresses_are_read_in_every_form_that_proxies_write() {
        for (written, read) in [
            ("203.0.113.7", "203.0.113.7"),
            ("203.0.113.7:5678", "203.0.113.7"),
            ("2001:db8::1", "2001:db8::1"),
            ("[2001:db8::1]", "2001:db8::1"),
            ("[2001:db8::1]:443", "2001:db8::1"),
            ("\"[2001:db8::1]:443\"", "2001:db8::1"),
            ("\"203.0.113.7\"", "203.0.113.7"),
            ("::ffff:203.0.113.7", "203.0.113.7"),
            ("[::ffff:203.0.113.7]:80", "203.0.113.7"),
            ("fe80::1%eth0", "fe80::1"),
        ] {
            for line in
                [written.to_owned(), format!("6.6.6.6, {written}"), format!("6.6.6.6,{written}, 10.0.0.2:99")]
            {
                let client = arrival("10.0.0.1", &[("x-forwarded-for", &line)]).client.unwrap();
                assert_eq!(client.to_string(), read, "{line}");
            }
        }
    }

    #[test]
    fn what_is_no_address_ends_the_list_at_who_passed_it_on() {
        for written in [
            "unknown",
            "_hidden",
            "203.0.113.7:",
            "203.0.113.7:99999",
            "[203.0.113.7]",
            "[2001:db8::1",
            "a.b",
        ] {
            let line = format!("6.6.6.6, {written}, 10.0.0.2");
            let client = arrival("10.0.0.1", &[("x-forwarded-for", &line)]).client.unwrap();
            assert_eq!(client.to_string(), "10.0.0.2", "{written}");
        }
    }

    #[test]
    fn forwarded_of_rfc_7239_is_nobodys_word() {
        let headers = [("forwarded", "for=6.6.6.6;proto=https;host=evil.example"), ("host", "a")];

        let arrival = arrival("10.0.0.1", &headers);

        assert_eq!((arrival.client.unwrap().to_string().as_str(), arrival.secure), ("10.0.0.1", false));
        assert_eq!(arrival.host.as_deref(), Some("a"));
    }

    #[test]
    fn several_hosts_are_none() {
        assert_eq!(arrival("8.8.8.8", &[("host", "a"), ("host", "b")]).host, None);
        assert_eq!(arrival("8.8.8.8", &[]).host, None);
    }
}
