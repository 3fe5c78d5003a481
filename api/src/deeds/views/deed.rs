//! The results of recorded activity (EVT-01).

use crate::problem::{ApiResult, ProblemDetails};
use chrono::NaiveDate;
use commands::{DeedStanding, Known};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// A deed as it is recorded.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct DeedView {
    /// Derived from the sender and the sender's own name of the deed.
    pub id: Uuid,
    /// `recorded`, `repeated` or `reversed`.
    #[schema(example = "recorded")]
    pub status: &'static str,
    pub user: Uuid,
    #[schema(example = "share")]
    pub event_type: &'static str,
    /// The person's own day, on which it counts.
    pub day: NaiveDate,
    /// Derived from the sender and the sender's name of the object.
    pub object: Option<Uuid>,
    /// None too if that person is not there.
    pub target_user: Option<Uuid>,
    #[schema(minimum = 0, maximum = 5)]
    pub quality: Option<f64>,
    /// False beyond the caps of its kind, and for praise of one's own things.
    pub counted: bool,
}

impl From<Known> for DeedView {
    fn from(Known { deed, standing, .. }: Known) -> Self {
        Self {
            id: deed.id.uuid(),
            status: match standing {
                DeedStanding::Recorded => "recorded",
                DeedStanding::Repeated => "repeated",
                DeedStanding::Reversed => "reversed",
            },
            user: deed.user.uuid(),
            event_type: deed.kind.name(),
            day: deed.day,
            object: deed.object.map(domain::ObjectId::uuid),
            target_user: deed.target.map(domain::UserId::uuid),
            quality: deed.quality.map(domain::badge::criteria::Quality::number),
            counted: deed.counted,
        }
    }
}

/// One deed of a batch.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct DeedOutcomeView {
    /// `recorded`, `repeated`, `reversed` or `refused`.
    #[schema(example = "recorded")]
    pub status: &'static str,
    /// None if it was refused.
    pub event: Option<DeedView>,
    /// Why it was refused. Its pointers are into the body of the batch.
    pub problem: Option<ProblemDetails>,
}

impl DeedOutcomeView {
    /// Of the `n`th of the batch.
    pub fn new(outcome: ApiResult<Known>, n: usize, request_id: &str) -> Self {
        match outcome {
            Ok(known) => {
                let event = DeedView::from(known);
                Self { status: event.status, event: Some(event), problem: None }
            }
            Err(problem) => {
                let problem = problem.below(&format!("/events/{n}")).details(request_id.to_owned());
                Self { status: "refused", event: None, problem: Some(problem) }
            }
        }
    }
}

/// What became of a batch.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct BatchView {
    /// How many are new.
    pub recorded: usize,
    /// How many were there already.
    pub repeated: usize,
    /// How many are taken back.
    pub reversed: usize,
    pub refused: usize,
    /// In the order of the request.
    pub results: Vec<DeedOutcomeView>,
}

impl BatchView {
    pub fn new(results: Vec<DeedOutcomeView>) -> Self {
        let count = |status| results.iter().filter(|outcome| outcome.status == status).count();
        Self {
            recorded: count("recorded"),
            repeated: count("repeated"),
            reversed: count("reversed"),
            refused: count("refused"),
            results,
        }
    }
}
