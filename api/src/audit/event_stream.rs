//! Events as they happen, as server-sent events (WHATWG HTML, 9.2): one's own, for staff all of the log.
//!
//! The id of an event is its position, so that a client that comes back with `Last-Event-ID` misses nothing and sees
//! nothing twice. A stream ends with the access token, the session or the API key that it was asked for with, when its reader is
//! too slow, and when the program stops; the client then asks again.

use crate::audit::events::is_staff;
use crate::{
    App,
    audit::views::{EventView, UserEventView},
    extract::ApiQuery,
    http::views::refused,
    pass::Pass,
    problem::{ApiResult, Problem, catalogue as kind},
};
use axum::{
    extract::State,
    http::HeaderMap,
    response::{
        IntoResponse, Response,
        sse::{Event, Sse},
    },
};
use chrono::TimeDelta;
use futures::stream;
use projections::{
    Audience, Crowded, Freshness, LiveEvent, Order, SESSION_GATE, Seek, Stretch, Subscription, USER_EVENTS,
    audit_log::trail::TrailEvent,
    user_events::{
        EventWord,
        query::{UserEventFilter, UserEventRow},
    },
};
use serde::{Deserialize, Serialize};
use std::{collections::VecDeque, convert::Infallible, time::Duration};
use tokio::time::{Instant, sleep_until};
use utoipa::IntoParams;

const LAST_EVENT_ID: &str = "last-event-id";
/// A comment is sent this often, and what the stream was let in by is looked at again.
const HEARTBEAT: Duration = Duration::from_secs(15);
/// When a client is to come back after the stream has ended.
const RETRY: Duration = Duration::from_secs(1);
/// How many events are read at once of what was missed.
const PAGE: u32 = 200;
/// How long the read model of what was missed, and the end of a session, are waited for.
const PATIENCE: Duration = Duration::from_secs(5);

#[derive(Clone, Copy, Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct StreamQuery {
    /// A position: what was committed after it comes first. `Last-Event-ID` counts before it.
    #[param(minimum = 0)]
    after: Option<i64>,
}

/// Streams the caller's own events as they happen; for staff, all events with personal values hidden; for an API key,
/// its person's.
///
/// Without `Last-Event-ID` or `after` it begins with what happens next. The first block tells its position.
#[utoipa::path(get, path = "", tag = "audit",
    params(StreamQuery, ("Last-Event-ID" = Option<i64>, Header, description = "The `id` of the last event that was seen")),
    responses((status = 200, body = String, content_type = "text/event-stream",
        description = "`id` is the position, `event` the type, `data` an event as `/api/events` (for staff `/api/audit/events`) shows it")))]
pub async fn follow_events(
    State(app): State<App>,
    pass: Pass,
    headers: HeaderMap,
    ApiQuery(query): ApiQuery<StreamQuery>,
) -> ApiResult<Response> {
    let after = match last_event_id(&headers)? {
        Some(position) => Some(position),
        None => query.after,
    };
    if let Some(position) = after {
        let head = app.queries().watcher().head().await?;
        match position {
            _ if position < 0 => return Err(refused("after", "a position must be at least 0")),
            _ if position > head => {
                return Err(
                    Problem::of(&kind::POSITION_AHEAD).detail(format!("the log ends at position {head}"))
                );
            }
            _ => {}
        }
    }
    let audience = match pass.may_be_staff() && is_staff(&app, pass.user()).await? {
        true => Audience::Staff(pass.user()),
        false => Audience::Person(pass.user()),
    };
    let subscription = app.live().subscribe(audience).map_err(crowded)?;
    // Boxed, because a stream that waits holds what it unfolds from twice.
    let reader = Box::new(LiveReader::begin(app, pass, audience, subscription, after));
    let events =
        stream::unfold(reader, async |mut reader| Some((Ok::<_, Infallible>(reader.next().await?), reader)));
    Ok(Sse::new(events).into_response())
}

fn crowded(why: Crowded) -> Problem {
    match why {
        Crowded::Person => Problem::of(&kind::TOO_MANY_REQUESTS).retry_after(HEARTBEAT.as_secs()),
        Crowded::Closed => Problem::of(&kind::UNAVAILABLE).retry_after(1).cause(why),
    }
}

fn last_event_id(headers: &HeaderMap) -> ApiResult<Option<i64>> {
    let Some(value) = headers.get(LAST_EVENT_ID) else { return Ok(None) };
    let position =
        value.to_str().ok().and_then(|text| text.trim().parse().ok()).filter(|position| *position >= 0);
    let malformed =
        || Problem::of(&kind::MALFORMED_HEADER).detail("Last-Event-ID must be a position of the log");
    position.map(Some).ok_or_else(malformed)
}

/// One connection. What was missed is read in pages; then comes what happens.
struct LiveReader {
    app: App,
    pass: Pass,
    audience: Audience,
    /// None while so much was missed that the buffer could overflow meanwhile.
    subscription: Option<Subscription>,
    /// The last position that was sent or skipped.
    last: i64,
    /// The subscription's beginning is not reached yet.
    behind: bool,
    ready: VecDeque<Event>,
    expires_at: Instant,
    /// When a sign of life is due, or the end.
    due_at: Instant,
}

impl LiveReader {
    fn begin(
        app: App,
        pass: Pass,
        audience: Audience,
        subscription: Subscription,
        after: Option<i64>,
    ) -> Self {
        let last = after.unwrap_or_else(|| subscription.begins_after());
        let left = (pass.expires_at() - app.now()).max(TimeDelta::zero()).to_std().unwrap_or_default();
        let now = Instant::now();
        let expires_at = now + left;
        // An id without data: a client that is cut off before the first event comes back to here.
        let hello = Event::default().retry(RETRY).id(last.to_string()).comment("events of the log follow");
        Self {
            expires_at,
            due_at: expires_at.min(now + HEARTBEAT),
            behind: after.is_some(),
            // What was missed is read first; whoever missed nothing keeps this one.
            subscription: after.is_none().then_some(subscription),
            ready: VecDeque::from([hello]),
            app,
            pass,
            audience,
            last,
        }
    }

    /// None: the stream has ended.
    async fn next(&mut self) -> Option<Event> {
        loop {
            if let Some(event) = self.ready.pop_front() {
                return Some(event);
            }
            if self.behind {
                Box::pin(self.catch_up()).await?;
            } else if let Some(event) = self.live().await? {
                return Some(event);
            }
        }
    }

    /// Reads a page of what was missed; near the end it subscribes, and reads on to where that begins.
    async fn catch_up(&mut self) -> Option<()> {
        if !self.alive().await {
            return None;
        }
        let until = self.subscription.as_ref().map(Subscription::begins_after);
        let page = self.missed(until).await.ok()??;
        let (count, last) = (page.len(), page.last().map(|(position, _)| *position));
        self.last = self.last.max(last.unwrap_or_default());
        self.ready.extend(page.into_iter().map(|(_, event)| event));
        if count < PAGE as usize {
            match until {
                None => self.subscription = Some(self.app.live().subscribe(self.audience).ok()?),
                Some(until) => {
                    self.last = self.last.max(until);
                    self.behind = false;
                }
            }
        }
        Some(())
    }

    /// Events after the last. None: they cannot be shown, or the read model does not come as far as is needed.
    async fn missed(&self, until: Option<i64>) -> ApiResult<Option<Vec<(i64, Event)>>> {
        let Audience::Person(user) = self.audience else {
            let events = self.app.live().missed(self.last, PAGE).await?;
            return Ok(events.iter().map(|event| Some((event.recorded.position, of_log(event)?))).collect());
        };
        if let Some(until) = until {
            let watcher = self.app.queries().watcher();
            if watcher.wait_for(&[USER_EVENTS], until, PATIENCE).await != Freshness::Fresh {
                return Ok(None);
            }
        }
        let filter = UserEventFilter { user: Some(user), ..UserEventFilter::default() };
        let seek = Some(Seek::After(self.last));
        let stretch = Stretch { order: Order::OldestFirst, seek, limit: PAGE };
        let page = self.app.queries().list_user_events(&filter, stretch).await?;
        Ok(page.results.into_iter().map(|row| Some((row.position, of_person(row)?))).collect())
    }

    /// What happens next: an event, or a sign of life. None within: nothing to send yet. None: the end.
    ///
    /// What it does seldom is boxed, for each of thousands of streams that wait holds this future at its largest.
    async fn live(&mut self) -> Option<Option<Event>> {
        let subscription = self.subscription.as_mut()?;
        tokio::select! {
            event = subscription.next() => {
                let event = event?;
                Box::pin(self.heard(&event)).await
            }
            () = sleep_until(self.due_at) => Box::pin(self.sign_of_life()).await.map(Some),
        }
    }

    async fn sign_of_life(&mut self) -> Option<Event> {
        let now = Instant::now();
        self.due_at = self.expires_at.min(now + HEARTBEAT);
        (now < self.expires_at && self.alive().await).then(|| Event::default().comment(""))
    }

    async fn heard(&mut self, event: &LiveEvent) -> Option<Option<Event>> {
        let position = event.recorded.position;
        if position <= self.last {
            return Some(None);
        }
        self.last = position;
        if event.told.as_ref().is_some_and(|told| self.may_end(told)) {
            self.app.queries().watcher().wait_for(&[SESSION_GATE], position, PATIENCE).await;
            if !self.alive().await {
                return None;
            }
        }
        Some(match (self.audience, &event.told) {
            (Audience::Staff(_), _) => Some(of_log(event)?),
            (Audience::Person(_), Some(told)) => Some(of_person(told.clone())?),
            (Audience::Person(_), None) => None,
        })
    }

    /// Whether an event may have ended what the stream was let in by.
    fn may_end(&self, told: &UserEventRow) -> bool {
        use EventWord::{ApiKeyRevoked, Logout, SessionEnded};
        let ends = matches!(told.event_type, ApiKeyRevoked | Logout | SessionEnded);
        told.user_id == self.pass.user() && ends
    }

    /// Whether the stream may go on: it would be let in again, as the same.
    async fn alive(&self) -> bool {
        let held = self.pass.holds(&self.app).await.unwrap_or(false);
        match self.audience {
            Audience::Person(_) => held,
            Audience::Staff(user) => held && is_staff(&self.app, user).await.unwrap_or(false),
        }
    }
}

/// None if it cannot be written down, which ends the stream: nothing is skipped.
fn of_log(event: &LiveEvent) -> Option<Event> {
    let shown = TrailEvent::concealed(&event.recorded).ok()?;
    let name = shown.event_type.clone();
    block(event.recorded.position, &name, &EventView::from(shown))
}

fn of_person(row: UserEventRow) -> Option<Event> {
    let (position, name) = (row.position, row.event_type.name());
    block(position, name, &UserEventView::for_person(row))
}

fn block(position: i64, name: &str, data: &impl Serialize) -> Option<Event> {
    let data = serde_json::to_string(data).ok()?;
    Some(Event::default().id(position.to_string()).event(name).data(data))
}
