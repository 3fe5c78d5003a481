//! The layers around every handler: ids, logs, metrics, limits, and the form of every reply.
//!
//! From the outside in: compression, [`enter`] (ids, log, metrics, headers, problem documents), [`arrival`] (host and
//! HTTPS), [`cors`], panics, the deadline; then, for each route, [`crate::guard`] and [`read_body`].

mod arrival;
mod body;
mod conditional;
pub(crate) mod connections;
mod context;
mod cors;
pub mod front;
mod observe;
mod render;
pub(crate) mod serve;
pub(crate) mod unread;

pub use arrival::{Crowded, HEAD_BYTES};
pub use body::read_body;
pub use context::{Context, REQUEST_ID, RawBody};

use crate::{
    app::HttpOptions,
    kept::WORTH_COMPRESSING,
    problem::{Problem, catalogue as kind},
};
use axum::{
    Router,
    body::Body,
    extract::{MatchedPath, Request, State},
    http::header,
    middleware::{Next, from_fn, from_fn_with_state},
    response::{IntoResponse, Response},
};
use chrono::{DateTime, Utc};
use commands::{Clock, Mint};
use domain::EventId;
use observe::Seen;
use std::{any::Any, sync::Arc, time::Instant};
use tower::ServiceBuilder;
use tower_http::{
    catch_panic::CatchPanicLayer,
    compression::{
        CompressionBody, CompressionLayer,
        predicate::{DefaultPredicate, Predicate, SizeAbove},
    },
};
use uuid::Uuid;

/// What the layers need. They know nothing of accounts, so tests build them without any.
#[derive(Clone)]
pub struct Edge(Arc<Inner>);

struct Inner {
    options: HttpOptions,
    clock: Arc<dyn Clock>,
    mint: Arc<dyn Mint>,
}

impl Edge {
    pub fn new(options: HttpOptions, clock: Arc<dyn Clock>, mint: Arc<dyn Mint>) -> Self {
        Self(Arc::new(Inner { options, clock, mint }))
    }

    pub fn options(&self) -> &HttpOptions {
        &self.0.options
    }

    pub fn now(&self) -> DateTime<Utc> {
        self.0.clock.now()
    }

    /// Random bytes.
    pub fn fill(&self, bytes: &mut [u8]) {
        self.0.mint.fill(bytes);
    }

    /// A new UUIDv7.
    pub fn mint_id(&self) -> Uuid {
        EventId::mint(self.now(), self.0.mint.id_bytes()).uuid()
    }
}

/// Puts around the router what stands around all routes, the fallback included. As one layer: each layer of a router
/// boxes what is beneath it, and copies that for every request.
pub fn around(router: Router, edge: &Edge) -> Router {
    router.layer(
        ServiceBuilder::new()
            .map_response(unwrapped)
            .layer(CompressionLayer::new().gzip(true).compress_when(worth_compressing()))
            .layer(from_fn_with_state(edge.clone(), enter))
            .layer(from_fn_with_state(edge.clone(), arrival::admit))
            .option_layer(cors::layer(&edge.options().front.origins))
            .layer(CatchPanicLayer::custom(panicked))
            .layer(from_fn_with_state(edge.clone(), deadline))
            .layer(from_fn(conditional::answer)),
    )
}

/// A short reply fits into one packet as it is, and compressing it takes more than making it. Event streams and pictures
/// are left alone, too.
fn worth_compressing() -> impl Predicate {
    DefaultPredicate::new().and(SizeAbove::new(WORTH_COMPRESSING as u64))
}

/// Gives the request its context, and the reply its final form.
async fn enter(State(edge): State<Edge>, mut request: Request, next: Next) -> Response {
    let front = &edge.options().front;
    let context = Context::of(&request, &front.proxies, || edge.mint_id().to_string());
    let route = request.extensions().get::<MatchedPath>().cloned();
    let seen = Seen::new(request.method(), route.as_ref().map(MatchedPath::as_str), Instant::now());
    request.extensions_mut().insert(context.clone());

    let mut response = next.run(request).await;

    render::bare_error(&mut response);
    seen.done(&response, &context, Instant::now());
    render::problem(&mut response, &context);
    render::headers(&mut response, &context);
    if context.secure {
        render::https_only(&mut response, front.hsts);
    }
    response
}

/// A body that was not compressed, without what would have compressed it: an event stream keeps its body for hours.
fn unwrapped(response: Response<CompressionBody<Body>>) -> Response {
    let compressed = response.headers().contains_key(header::CONTENT_ENCODING);
    response.map(|body| if compressed { Body::new(body) } else { body.into_inner() })
}

/// A handler that takes too long is dropped. What it appended stays; an `Idempotency-Key` finds it again.
async fn deadline(State(edge): State<Edge>, request: Request, next: Next) -> Response {
    let late = || Problem::of(&kind::UNAVAILABLE).retry_after(1).cause("the handler did not finish in time");
    match tokio::time::timeout(edge.options().request_timeout, next.run(request)).await {
        Ok(response) => response,
        Err(_) => late().into_response(),
    }
}

fn panicked(cause: Box<dyn Any + Send + 'static>) -> Response {
    let said = cause.downcast_ref::<&str>().map(|text| (*text).to_owned());
    let said = said.or_else(|| cause.downcast_ref::<String>().cloned());
    Problem::internal(format!("panic: {}", said.unwrap_or_default())).into_response()
}

/// Nothing answers at this path.
pub async fn not_found() -> Problem {
    Problem::of(&kind::NOT_FOUND)
}

/// Something answers at this path, but not to this method; the router adds `Allow`.
pub async fn method_not_allowed() -> Problem {
    Problem::of(&kind::METHOD_NOT_ALLOWED)
}

#[cfg(test)]
mod front_tests;
#[cfg(test)]
mod tests;
