//! Texts that are the same for everybody: made and compressed once, kept with their tag, and not sent to who has them.
//!
//! Compressing a text for each request is the most that a stranger can cause with one line (the documentation's bundle
//! takes a core for 36 ms); what differs from person to person is small, and is left to the layer around all handlers.

use crate::etag;
use axum::{
    body::{Body, Bytes},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::Response,
};
use flate2::{Compression, write::GzEncoder};
use std::{io::Write, sync::Arc};

/// Shorter ones fit into one packet as they are.
pub const WORTH_COMPRESSING: usize = 1_024;
/// Of all texts of a shelf, as they are and compressed.
const SHELF_BYTES: u64 = 16 << 20;

/// One text, ready to be sent.
pub struct Kept {
    content_type: HeaderValue,
    cache_control: &'static str,
    plain: Bytes,
    gzip: Option<Bytes>,
    plain_tag: String,
    gzip_tag: String,
}

impl Kept {
    /// Compresses in the place where it is called: for texts of some kilobytes.
    pub fn new(content_type: &str, cache_control: &'static str, plain: impl Into<Bytes>) -> Self {
        let plain = plain.into();
        let gzip = (plain.len() >= WORTH_COMPRESSING).then(|| gzip(&plain)).flatten();
        let plain_tag = etag::of_bytes(&plain);
        // Another form of the text has another tag (RFC 9110, section 8.8.3).
        let gzip_tag = format!("{}-gzip\"", plain_tag.trim_end_matches('"'));
        let octets = HeaderValue::from_static("application/octet-stream");
        // All of them are in UTF-8; of JSON that goes without saying (RFC 8259).
        let said = content_type.starts_with("text/") && !content_type.contains("charset");
        let charset = if said { "; charset=utf-8" } else { "" };
        let content_type = HeaderValue::from_str(&format!("{content_type}{charset}")).unwrap_or(octets);
        Self { content_type, cache_control, plain, gzip, plain_tag, gzip_tag }
    }

    /// As [`Self::new`], beside the threads that answer.
    pub async fn large(content_type: String, cache_control: &'static str, plain: Bytes) -> Option<Self> {
        let compressed = tokio::task::spawn_blocking(move || Self::new(&content_type, cache_control, plain));
        compressed.await.ok()
    }

    /// In the form that was asked for; 304 for who has it in any.
    pub fn reply(&self, asked: &HeaderMap) -> Response {
        let gzip = self.gzip.as_ref().filter(|_| accepts_gzip(asked));
        let tag = if gzip.is_some() { &self.gzip_tag } else { &self.plain_tag };
        let known = [&self.plain_tag, &self.gzip_tag].iter().any(|tag| etag::is_known(asked, tag));
        let mut response = Response::new(Body::empty());
        let headers = response.headers_mut();
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(self.cache_control));
        headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
        headers.extend(etag::value(tag).map(|tag| (header::ETAG, tag)));
        if known {
            *response.status_mut() = StatusCode::NOT_MODIFIED;
            return response;
        }
        headers.insert(header::CONTENT_TYPE, self.content_type.clone());
        if gzip.is_some() {
            headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
        }
        *response.body_mut() = Body::from(gzip.unwrap_or(&self.plain).clone());
        response
    }

    fn bytes(&self) -> usize {
        self.plain.len() + self.gzip.as_ref().map_or(0, Bytes::len)
    }
}

fn gzip(plain: &[u8]) -> Option<Bytes> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(plain).ok()?;
    let compressed = encoder.finish().ok()?;
    (compressed.len() < plain.len()).then(|| compressed.into())
}

/// RFC 9110, section 12.5.3: named, or anything, and not with a weight of nothing.
fn accepts_gzip(asked: &HeaderMap) -> bool {
    let members = asked.get_all(header::ACCEPT_ENCODING).iter().filter_map(|value| value.to_str().ok());
    let members = members.flat_map(|value| value.split(',')).map(|member| {
        let (name, weight) = member.split_once(';').unwrap_or((member, ""));
        let weight = weight.trim().strip_prefix("q=").map_or(Ok(1.0), str::parse::<f32>);
        (name.trim().to_ascii_lowercase(), weight.is_ok_and(|weight| weight > 0.0))
    });
    let (mut named, mut any) = (None, false);
    for (name, wanted) in members {
        match name.as_str() {
            "gzip" | "x-gzip" => named = Some(wanted),
            "*" => any = wanted,
            _ => {}
        }
    }
    named.unwrap_or(any)
}

/// Texts by their names. Cheap to clone.
#[derive(Clone)]
pub struct Shelf(moka::future::Cache<String, Arc<Kept>>);

impl Default for Shelf {
    fn default() -> Self {
        let weight =
            |name: &String, kept: &Arc<Kept>| u32::try_from(name.len() + kept.bytes()).unwrap_or(u32::MAX);
        Self(moka::future::Cache::builder().max_capacity(SHELF_BYTES).weigher(weight).build())
    }
}

impl Shelf {
    /// What is kept under this name, made now if it is not there: once, however many ask. None: it cannot be made.
    pub async fn get(&self, name: &str, make: impl Future<Output = Option<Kept>>) -> Option<Arc<Kept>> {
        if let Some(kept) = self.0.get(name).await {
            return Some(kept);
        }
        self.0.optionally_get_with(name.to_owned(), async { make.await.map(Arc::new) }).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::body::to_bytes;
    use flate2::read::GzDecoder;
    use std::{
        io::Read,
        sync::atomic::{AtomicUsize, Ordering},
    };

    fn asked(pairs: &[(header::HeaderName, &str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (name.clone(), HeaderValue::from_str(value).unwrap())).collect()
    }

    #[tokio::test]
    async fn text_is_sent_compressed_to_who_accepts_that_and_reads_the_same() {
        let text = "a page, ".repeat(1_000);
        let kept = Kept::new("text/plain", "no-cache", text.clone());

        let packed = kept.reply(&asked(&[(header::ACCEPT_ENCODING, "br, gzip;q=0.8")]));
        let plain = kept.reply(&asked(&[]));

        assert_eq!(packed.headers()["content-encoding"], "gzip");
        assert_eq!(packed.headers()["content-type"], "text/plain; charset=utf-8");
        assert_eq!(packed.headers()["vary"], "accept-encoding");
        assert!(!plain.headers().contains_key("content-encoding"));
        assert_ne!(packed.headers()["etag"], plain.headers()["etag"]);
        let packed = to_bytes(packed.into_body(), usize::MAX).await.unwrap();
        let mut read = String::new();
        GzDecoder::new(&packed[..]).read_to_string(&mut read).unwrap();
        assert!(read == text && packed.len() < text.len() / 10);
        assert!(to_bytes(plain.into_body(), usize::MAX).await.unwrap() == text);
    }

    #[test]
    fn who_has_it_in_any_form_is_told_so() {
        let kept = Kept::new("text/plain", "no-cache", "a page, ".repeat(1_000));
        for encoding in ["gzip", "identity"] {
            let tag = kept.reply(&asked(&[(header::ACCEPT_ENCODING, encoding)])).headers()["etag"].clone();
            let again =
                asked(&[(header::ACCEPT_ENCODING, "gzip"), (header::IF_NONE_MATCH, tag.to_str().unwrap())]);

            let reply = kept.reply(&again);

            assert_eq!(reply.status(), StatusCode::NOT_MODIFIED, "{encoding}");
            assert!(reply.headers().contains_key("etag") && reply.headers().contains_key("vary"));
            assert!(!reply.headers().contains_key("content-type"));
        }
    }

    #[test]
    fn compression_is_refused_by_a_weight_of_nothing() {
        for (encoding, accepted) in [
            ("gzip", true),
            ("deflate, GZIP", true),
            ("*", true),
            ("", false),
            ("br", false),
            ("gzip;q=0", false),
            ("gzip; q=0.0, *", false),
            ("*;q=0", false),
            ("gzip;q=x", false),
        ] {
            assert_eq!(accepts_gzip(&asked(&[(header::ACCEPT_ENCODING, encoding)])), accepted, "{encoding}");
        }
        assert!(!accepts_gzip(&HeaderMap::new()));
    }

    #[tokio::test]
    async fn text_is_made_once_however_many_ask() {
        let (shelf, made) = (Shelf::default(), AtomicUsize::new(0));
        let ask = async || {
            let make = async {
                made.fetch_add(1, Ordering::Relaxed);
                Kept::large("text/plain".to_owned(), "no-cache", "x".repeat(10_000).into()).await
            };
            shelf.get("page", make).await.unwrap()
        };

        futures::future::join_all((0..50).map(|_| ask())).await;

        assert_eq!(made.load(Ordering::Relaxed), 1);
    }

    #[test]
    fn short_text_is_left_as_it_is() {
        let reply =
            Kept::new("text/plain", "no-cache", "short").reply(&asked(&[(header::ACCEPT_ENCODING, "gzip")]));

        assert!(!reply.headers().contains_key("content-encoding"));
    }
}
