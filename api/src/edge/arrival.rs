//! How a request came: from whom, to which host, and whether over HTTPS (SEC-04).
//!
//! The program itself speaks plain HTTP. What a proxy in front of it saw is in `X-Forwarded-For`, `-Host` and `-Proto`,
//! which anybody can send: they count only from a peer that is trusted to have set them.

use super::{Edge, front::TrustedProxies};
use crate::problem::{Problem, catalogue as kind};
use axum::{
    extract::{ConnectInfo, Request, State},
    http::{HeaderMap, Method, StatusCode, header},
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
        Self {
            client: Some(client(headers, proxy, proxies)),
            host: last(headers, "x-forwarded-host").or(own),
            secure: last(headers, "x-forwarded-proto").is_some_and(|proto| proto == "https"),
        }
    }
}

/// Each proxy adds whom it was called by: read from the right, up to the first that nobody vouches for.
fn client(headers: &HeaderMap, proxy: IpAddr, proxies: &TrustedProxies) -> IpAddr {
    let mut client = proxy;
    for hop in values(headers, "x-forwarded-for").rev() {
        let Ok(hop) = hop.parse::<IpAddr>() else { break };
        client = hop.to_canonical();
        if !proxies.trusts(client) {
            break;
        }
    }
    client
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

/// Refuses hosts that are not ours, and sends plain HTTP to HTTPS. Probes come to an address: health is for all.
pub async fn admit(State(edge): State<Edge>, request: Request, next: Next) -> Response {
    let front = &edge.options().front;
    let probe = request.uri().path().starts_with("/health/");
    if probe || (front.hosts.is_any() && !front.ssl_redirect) {
        return next.run(request).await;
    }
    let arrival = Arrival::of(&request, &front.proxies);
    let Some(host) = arrival.host.filter(|host| is_authority(host)) else {
        let problem = Problem::of(&kind::MALFORMED_HEADER);
        return problem.detail("there must be one Host, a name with or without a port").into_response();
    };
    if !front.hosts.allows(&host) {
        return Problem::of(&kind::MISDIRECTED).into_response();
    }
    if front.ssl_redirect && !arrival.secure {
        return to_https(&request, &host);
    }
    next.run(request).await
}

fn is_authority(host: &str) -> bool {
    host.len() <= 261 && host.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._:[]".contains(&b))
}

/// A read as Django answers it; 308 keeps a command a command.
fn to_https(request: &Request, host: &str) -> Response {
    let safe = matches!(*request.method(), Method::GET | Method::HEAD);
    let status = if safe { StatusCode::MOVED_PERMANENTLY } else { StatusCode::PERMANENT_REDIRECT };
    let path = request.uri().path_and_query().map_or("/", |path| path.as_str());
    (status, [(header::LOCATION, format!("https://{host}{path}"))]).into_response()
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
    fn several_hosts_are_none() {
        assert_eq!(arrival("8.8.8.8", &[("host", "a"), ("host", "b")]).host, None);
        assert_eq!(arrival("8.8.8.8", &[]).host, None);
    }
}
