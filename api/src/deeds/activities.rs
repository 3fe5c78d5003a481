//! Recording of activity: by people themselves, or by services (EVT-01, C-40, C-41).

use crate::{
    App,
    caller::Sender,
    deeds::told::{self, DeedRequest, DeedsRequest, Teller},
    deeds::views::{BatchView, DeedOutcomeView, DeedView},
    extract::RawJson,
    problem::{ApiResult, Problem},
    reply::{Prefer, Reply},
};
use axum::{extract::State, http::StatusCode};
use commands::{DeedStanding, Known, Said};
use projections::{Name, USER_EVENTS};

/// What shows a deed.
const READS: [Name; 1] = [USER_EVENTS];

/// Records an activity once, or reverses one. 200 if it was there already, or is taken back.
///
/// Beyond the caps of its kind, and in praise of one's own things, it is recorded and does not count.
#[utoipa::path(post, path = "", tag = "activity", request_body = DeedRequest,
    responses((status = 201, body = DeedView), (status = 200, body = DeedView, description = "It was so already, or is taken back"),
        (status = 403, description = "It is another's, and the caller is no service with the scope `events:write`"),
        (status = 404, description = "There is no such person")))]
pub async fn record_activity(
    State(app): State<App>,
    sender: Sender,
    prefer: Prefer,
    RawJson(body): RawJson,
) -> ApiResult<Reply<DeedView>> {
    let name = || sender.key().or_else(|| minted(&app));
    let said = told::read(&body, teller(&sender), name)?;
    let known = app.commands().activities.record(said, &sender.command).await?;
    let settled = app.settle(known.position, &READS, prefer).await;
    let status = if known.standing == DeedStanding::Recorded { StatusCode::CREATED } else { StatusCode::OK };
    Ok(Reply::new(status, DeedView::from(known)).fresh(settled))
}

/// Records up to 100 activities independently: a rejected one does not stop the others. Always 200, with an outcome for
/// each in the order of the request; sent again, what was recorded is recognised by its `id`.
#[utoipa::path(post, path = "", tag = "activity", request_body = DeedsRequest,
    responses((status = 200, body = BatchView), (status = 503, description = "The log did not answer: send all of it again")))]
pub async fn record_activities(
    State(app): State<App>,
    sender: Sender,
    prefer: Prefer,
    RawJson(body): RawJson,
) -> ApiResult<Reply<BatchView>> {
    let read: Vec<ApiResult<Said>> = told::read_batch(&body, teller(&sender), || minted(&app))?;
    let readable = read.iter().filter_map(|said| said.as_ref().ok()).cloned().collect();
    let mut done = app.commands().activities.record_all(readable, &sender.command).await.into_iter();
    let (mut outcomes, mut position) = (Vec::with_capacity(read.len()), 0);
    for (n, said) in read.into_iter().enumerate() {
        let outcome = match said {
            Err(problem) => Err(problem),
            Ok(_) => match done.next() {
                Some(Ok(known)) => Ok(known),
                // Then the whole batch is to be sent again.
                Some(Err(error)) if error.may_pass_later() => return Err(error.into()),
                Some(Err(error)) => Err(error.into()),
                None => Err(Problem::internal("a deed without an outcome")),
            },
        };
        position = outcome.as_ref().map_or(position, |known: &Known| position.max(known.position));
        outcomes.push(DeedOutcomeView::new(outcome, n, &sender.request_id));
    }
    let settled = app.settle(position, &READS, prefer).await;
    Ok(Reply::ok(BatchView::new(outcomes)).fresh(settled))
}

const fn teller(sender: &Sender) -> Teller {
    Teller { user: sender.user, session: sender.session }
}

/// Names what has no name of its own: a repeat is another deed.
fn minted(app: &App) -> Option<String> {
    Some(app.edge().mint_id().to_string())
}
