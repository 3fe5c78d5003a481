//! The OpenAPI and AsyncAPI documents, and the page on which it can be browsed (INT-03).

use crate::{
    App,
    kept::{Kept, Shelf},
    openapi,
    problem::{Problem, catalogue as kind},
};
use axum::{
    Router,
    body::Bytes,
    extract::{Path, State},
    http::{HeaderMap, HeaderValue, header},
    response::Response,
    routing::get,
};
use std::{
    borrow::Cow,
    sync::{Arc, LazyLock},
};
use utoipa_swagger_ui::{Config, SwaggerFile, serve};

/// Everything comes from here; the hash is that of the one style that Swagger UI puts into the page, its logo's.
const POLICY: &str = "default-src 'none'; script-src 'self'; img-src 'self' data:; connect-src 'self'; \
                      style-src 'self' 'sha256-RL3ie0nH+Lzz2YNqQN83mnU0J1ot4QL7b99vMdIX99w='; \
                      base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// The page and its files. Both `/docs` and `/docs/` are this page: a redirect would loop with the rewritten paths.
pub fn pages<S: Clone + Send + Sync + 'static>() -> Router<S> {
    Router::new().route("/docs", get(page)).route("/docs/{*file}", get(file))
}

/// This document.
#[utoipa::path(get, path = "", tag = "operations", responses((status = 200, description = "OpenAPI 3.1")))]
pub async fn document(asked: HeaderMap) -> Result<Response, Problem> {
    let text = async { as_json(Bytes::from_static(openapi::text().as_bytes())).await };
    SHELF.get("openapi.json", text).await.map(|kept| kept.reply(&asked)).ok_or_else(unmade)
}

/// What is sent: the events over NATS, and the event stream over HTTP.
#[utoipa::path(get, path = "", tag = "operations", responses((status = 200, description = "AsyncAPI 3.0")))]
pub async fn messages(State(app): State<App>, asked: HeaderMap) -> Result<Response, Problem> {
    let text = async { as_json(app.asyncapi().to_owned().into()).await };
    app.shelf().get("asyncapi.json", text).await.map(|kept| kept.reply(&asked)).ok_or_else(unmade)
}

async fn as_json(text: Bytes) -> Option<Kept> {
    Kept::large("application/json".to_owned(), "no-cache", text).await
}

fn unmade() -> Problem {
    Problem::internal("a document that is not made")
}

/// The page's files and the document, which are the same in every process.
static SHELF: LazyLock<Shelf> = LazyLock::new(Shelf::default);
const KEPT: &str = "public, max-age=3600";

async fn page(asked: HeaderMap) -> Result<Response, Problem> {
    let page = asset("index.html")?;
    // Relative links would lead elsewhere from `/docs` than from `/docs/`.
    let html = || {
        String::from_utf8_lossy(&page.bytes)
            .replace("\"./", "\"/docs/")
            .replace("href=\"index.css\"", "href=\"/docs/index.css\"")
    };
    let made = async { Some(Kept::new(&page.content_type, KEPT, html())) };
    shown(SHELF.get("the page", made).await, &asked)
}

async fn file(Path(name): Path<String>, asked: HeaderMap) -> Result<Response, Problem> {
    let file = asset(&name)?;
    let bytes = match file.bytes {
        Cow::Borrowed(bytes) => Bytes::from_static(bytes),
        Cow::Owned(bytes) => bytes.into(),
    };
    shown(SHELF.get(&name, Kept::large(file.content_type, KEPT, bytes)).await, &asked)
}

fn asset(name: &str) -> Result<SwaggerFile<'static>, Problem> {
    /// An outside validator would be asked otherwise, about every host that is not local.
    static CONFIG: LazyLock<Arc<Config<'static>>> =
        LazyLock::new(|| Arc::new(Config::new(["/api/openapi.json"]).validator_url("none")));
    serve(name, Arc::clone(&CONFIG)).map_err(Problem::internal)?.ok_or_else(|| Problem::of(&kind::NOT_FOUND))
}

fn shown(kept: Option<Arc<Kept>>, asked: &HeaderMap) -> Result<Response, Problem> {
    let mut response = kept.ok_or_else(unmade)?.reply(asked);
    response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    Ok(response)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::normalize::Normalized;
    use axum::{
        body::{Body, to_bytes},
        extract::Request,
        http::{HeaderMap, StatusCode},
    };
    use tower::ServiceExt;

    async fn open(path: &str) -> (StatusCode, HeaderMap, String) {
        let request = Request::get(path).body(Body::empty()).unwrap();
        let (parts, body) = Normalized(pages::<()>()).oneshot(request).await.unwrap().into_parts();
        let body = to_bytes(body, usize::MAX).await.unwrap();
        (parts.status, parts.headers, String::from_utf8_lossy(&body).into_owned())
    }

    #[tokio::test]
    async fn page_opens_with_and_without_the_slash_and_finds_its_files() {
        for path in ["/docs", "/docs/"] {
            let (status, headers, html) = open(path).await;
            assert_eq!(
                (status, headers[header::CONTENT_SECURITY_POLICY].to_str().unwrap()),
                (StatusCode::OK, POLICY)
            );
            let links: Vec<_> =
                html.split('"').filter(|part| part.ends_with(".js") || part.ends_with(".css")).collect();
            assert!(links.len() >= 5, "{html}");
            for link in links {
                assert!(link.starts_with("/docs/"), "{link}");
                assert_eq!(open(link).await.0, StatusCode::OK, "{link}");
            }
            assert!(!html.contains("<style") && !html.contains("script>window"), "inline code: {html}");
        }
    }

    #[tokio::test]
    async fn page_reads_our_document_and_asks_nobody_else() {
        let (_, _, script) = open("/docs/swagger-initializer.js").await;

        assert!(script.contains("/api/openapi.json"), "{script}");
        assert!(script.contains("\"validatorUrl\": \"none\""), "{script}");
    }

    #[tokio::test]
    async fn file_that_is_not_there_is_not_found() {
        assert_eq!(open("/docs/nothing.js").await.0, StatusCode::NOT_FOUND);
    }

    #[tokio::test]
    async fn bundle_is_sent_compressed_and_once() {
        let path = "/docs/swagger-ui-bundle.js";
        let ask = async |headers: &[(&str, &str)]| {
            let request = headers
                .iter()
                .fold(Request::get(path), |request, (name, value)| request.header(*name, *value));
            let request = request.body(Body::empty()).unwrap();
            Normalized(pages::<()>()).oneshot(request).await.unwrap()
        };

        let first = ask(&[("accept-encoding", "gzip")]).await;
        let tag = first.headers()[header::ETAG].to_str().unwrap().to_owned();
        let again = ask(&[("accept-encoding", "gzip"), ("if-none-match", &tag)]).await;

        assert_eq!(first.status(), StatusCode::OK);
        assert_eq!(first.headers()[header::CONTENT_ENCODING], "gzip");
        assert!(to_bytes(first.into_body(), usize::MAX).await.unwrap().len() < 600_000);
        assert_eq!(again.status(), StatusCode::NOT_MODIFIED);
        assert_eq!(again.headers()[header::CONTENT_SECURITY_POLICY], POLICY);
    }
}
