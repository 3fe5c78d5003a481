//! What nobody reads of a request's body is read and thrown away: a client that is still sending when the connection
//! closes may never see the reply, whichever layer gave it.

use axum::body::{Bytes, HttpBody};
use http_body_util::BodyExt;
use hyper::body::{Frame, Incoming, SizeHint};
use std::{
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};
use tokio::{
    runtime::Handle,
    time::{Instant, timeout_at},
};

/// Bytes that are thrown away at most; then the connection closes.
const THROWN_AWAY: usize = 4 << 20;

/// A body that is read to its end in the background if it is dropped before.
pub struct Attended {
    /// None: it was dropped.
    body: Option<Incoming>,
    until: Instant,
}

impl Attended {
    /// `within`: how long all of it may take, whoever reads it.
    pub fn new(body: Incoming, within: Duration) -> Self {
        Self { body: Some(body), until: Instant::now() + within }
    }
}

impl HttpBody for Attended {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        match &mut self.body {
            Some(body) => Pin::new(body).poll_frame(cx),
            None => Poll::Ready(None),
        }
    }

    fn is_end_stream(&self) -> bool {
        self.body.as_ref().is_none_or(HttpBody::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        self.body.as_ref().map(HttpBody::size_hint).unwrap_or_default()
    }
}

impl Drop for Attended {
    fn drop(&mut self) {
        let Some(body) = self.body.take().filter(|body| !body.is_end_stream()) else { return };
        if let Ok(runtime) = Handle::try_current() {
            runtime.spawn(timeout_at(self.until, throw_away(body)));
        }
    }
}

async fn throw_away(mut body: Incoming) {
    let mut seen = 0;
    while let Some(Ok(frame)) = body.frame().await {
        seen += frame.data_ref().map_or(0, Bytes::len);
        if seen > THROWN_AWAY {
            return;
        }
    }
}
