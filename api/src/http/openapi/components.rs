//! What many operations share in the document, each described once and referred to: headers and problems.

use crate::problem::MEDIA_TYPE;
use axum::http::StatusCode;
use utoipa::{
    Modify,
    openapi::{
        Components, Content, Header, HeaderBuilder, OpenApi, Ref, RefOr, Required, Response, ResponseBuilder,
        path::{Parameter, ParameterBuilder, ParameterIn},
        schema::{ObjectBuilder, Type},
    },
};

/// A header that requests may send.
pub struct Sent {
    name: &'static str,
    pattern: Option<&'static str>,
    description: &'static str,
}

pub const IDEMPOTENCY_KEY: Sent = Sent {
    name: "Idempotency-Key",
    pattern: Some("^[!-~]([ -~]{0,253}[!-~])?$"),
    description: "1 to 255 printable ASCII characters; the command happens once per key",
};
pub const PREFER: Sent = Sent {
    name: "Prefer",
    pattern: None,
    description: "`respond-async`: do not wait until the read models show the change",
};
pub const CSRF_TOKEN: Sent = Sent {
    name: "X-CSRF-Token",
    pattern: None,
    description: "The `csrf_token` of the session, where its cookie is sent",
};
pub const PROOF: Sent =
    Sent { name: "Annals-Proof", pattern: None, description: "The answer to the `challenge` of a refusal" };
pub const IF_MATCH: Sent = Sent {
    name: "If-Match",
    pattern: None,
    description: "The `ETag` that was read: refuse if the resource has changed since",
};
pub const MIN_POSITION: Sent = Sent {
    name: "Annals-Min-Position",
    pattern: Some("^(0|[1-9][0-9]{0,17})$"),
    description: "An `Annals-Position`: do not answer with older state",
};
pub const IF_NONE_MATCH: Sent = Sent {
    name: "If-None-Match",
    pattern: None,
    description: "An `ETag`: 304 if the body is still that one",
};

const SENT: [Sent; 7] = [IDEMPOTENCY_KEY, PREFER, CSRF_TOKEN, PROOF, IF_MATCH, MIN_POSITION, IF_NONE_MATCH];

/// Every status that some operation refuses with.
const REFUSED: [StatusCode; 13] = [
    StatusCode::BAD_REQUEST,
    StatusCode::UNAUTHORIZED,
    StatusCode::PAYMENT_REQUIRED,
    StatusCode::FORBIDDEN,
    StatusCode::NOT_FOUND,
    StatusCode::REQUEST_TIMEOUT,
    StatusCode::CONFLICT,
    StatusCode::PRECONDITION_FAILED,
    StatusCode::PAYLOAD_TOO_LARGE,
    StatusCode::UNSUPPORTED_MEDIA_TYPE,
    StatusCode::UNPROCESSABLE_ENTITY,
    StatusCode::TOO_MANY_REQUESTS,
    StatusCode::SERVICE_UNAVAILABLE,
];

const POSITION: &str = "Annals-Position";
const NOT_MODIFIED: &str = "NotModified";

/// Puts them into the document.
pub struct Shared;

impl Modify for Shared {
    fn modify(&self, document: &mut OpenApi) {
        let Components { parameters, headers, responses, .. } = document.components.get_or_insert_default();
        parameters.extend(SENT.iter().map(|sent| (sent.name.to_owned(), RefOr::T(sent.parameter()))));
        headers.insert(POSITION.to_owned(), RefOr::T(position_header()));
        let unchanged = ResponseBuilder::new().description("The body is still the one of `If-None-Match`");
        responses.insert(NOT_MODIFIED.to_owned(), RefOr::T(unchanged.build()));
        responses.extend(REFUSED.iter().map(|status| (name(*status), RefOr::T(described(*status)))));
    }
}

impl Sent {
    /// A reference to it.
    pub fn reference(&self) -> RefOr<Parameter> {
        RefOr::Ref(Ref::new(format!("#/components/parameters/{}", self.name)))
    }

    fn parameter(&self) -> Parameter {
        let text = ObjectBuilder::new().schema_type(Type::String).pattern(self.pattern).build();
        ParameterBuilder::new()
            .name(self.name)
            .parameter_in(ParameterIn::Header)
            .required(Required::False)
            .description(Some(self.description))
            .schema(Some(text))
            .build()
    }
}

/// A header that a handler documents by itself is the shared one, if there is one of that name.
pub fn share(parameter: &mut RefOr<Parameter>) {
    let RefOr::T(own) = &*parameter else { return };
    if let Some(sent) = SENT.iter().find(|sent| sent.name == own.name) {
        *parameter = sent.reference();
    }
}

/// The header of replies to commands: its name, and a reference to it.
pub fn position() -> (String, RefOr<Header>) {
    (POSITION.to_owned(), RefOr::Ref(Ref::new(format!("#/components/headers/{POSITION}"))))
}

/// The answer to a body that the client has.
pub fn not_modified() -> RefOr<Response> {
    RefOr::Ref(Ref::from_response_name(NOT_MODIFIED))
}

/// The problem of a status; what an operation says about it stands beside the reference.
pub fn problem(status: StatusCode, said: String) -> RefOr<Response> {
    let mut reference = Ref::from_response_name(name(status));
    reference.description = said;
    RefOr::Ref(reference)
}

fn position_header() -> Header {
    let number = ObjectBuilder::new().schema_type(Type::Integer).build();
    let description = "Reads that have seen this position of the log have seen the command";
    HeaderBuilder::new().schema(Some(number)).description(Some(description)).build()
}

fn described(status: StatusCode) -> Response {
    let schema = Ref::from_schema_name("ProblemDetails");
    ResponseBuilder::new().description(reason(status)).content(MEDIA_TYPE, Content::new(Some(schema))).build()
}

/// `NotFound` and the like.
fn name(status: StatusCode) -> String {
    reason(status).replace(' ', "")
}

fn reason(status: StatusCode) -> &'static str {
    status.canonical_reason().unwrap_or("Problem")
}
