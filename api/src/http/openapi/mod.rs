//! The OpenAPI 3.1 document, made from the rows of the areas (INT-03).

mod components;

use crate::{
    App,
    access::Access,
    acts::{Act, Effect},
    cookies,
    key_access::KeyAccess,
    problem::ProblemDetails,
    routes::table,
};
use axum::{
    http::{Method, StatusCode},
    routing::MethodRouter,
};
use components::Shared;
use domain::values::Scope;
use std::sync::LazyLock;
use utoipa::{
    Modify, OpenApi,
    openapi::{
        HttpMethod, Paths, RefOr, Response, SecurityRequirement,
        path::{Operation, Parameter},
        security::{ApiKey, ApiKeyValue, Http, HttpAuthScheme, SecurityScheme},
    },
};
use utoipa_axum::router::{OpenApiRouter, UtoipaMethodRouter};

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Annals",
        description = "An event-sourced account backend. `docs/http.md` explains what all operations have in common: \
                       errors, fresh reads, idempotency.",
    ),
    components(schemas(ProblemDetails)),
    modifiers(&Credentials, &Shared),
    tags(
        (name = "account", description = "Registration, login, the caller's own account"),
        (name = "session", description = "Sessions and their tokens"),
        (name = "key", description = "API keys of people and of services"),
        (name = "profile", description = "What a person says about themselves"),
        (name = "user", description = "People and their accounts"),
        (name = "social", description = "Who follows, blocks and mutes whom"),
        (name = "portfolio", description = "What people show of their work"),
        (name = "wallet", description = "Money, points and credits, and the statement of them"),
        (name = "admin", description = "What staff do to accounts"),
        (name = "badge", description = "What people earn, and why"),
        (name = "notification", description = "What a person is told of, and what of it they have read"),
        (name = "activity", description = "What people do elsewhere"),
        (name = "audit", description = "What happened, for staff"),
        (name = "operations", description = "Health, metrics, documentation"),
    )
)]
struct Document;

/// What proves who calls.
struct Credentials;

impl Modify for Credentials {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        let components = document.components.get_or_insert_default();
        components.add_security_scheme("bearer", SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer)));
        let described: String = Scope::ALL.iter().fold(String::new(), |text, scope| {
            let whose = if scope.is_for_services() { "services" } else { "people" };
            text + &format!("\n- `{scope}` (keys of {whose}): {}", scope.meaning())
        });
        let description = format!(
            "An API key, as `Bearer annals_key_...` or `Token annals_key_...`. An operation names the scope that it \
             asks for; one that does not list this scheme is not for keys. The scopes:\n{described}"
        );
        let header = ApiKeyValue::with_description("Authorization".to_owned(), description);
        components.add_security_scheme("api_key", SecurityScheme::ApiKey(ApiKey::Header(header)));
        let cookie = ApiKeyValue::new(cookies::NAME);
        components.add_security_scheme("cookie", SecurityScheme::ApiKey(ApiKey::Cookie(cookie)));
    }
}

/// A router that collects operations under this document's head.
pub fn described() -> OpenApiRouter<App> {
    OpenApiRouter::with_openapi(Document::openapi())
}

/// The whole document as JSON text, the same in every process.
pub fn text() -> &'static str {
    static TEXT: LazyLock<String> = LazyLock::new(|| document().to_pretty_json().unwrap_or_default() + "\n");
    &TEXT
}

pub fn document() -> utoipa::openapi::OpenApi {
    let mut router = described();
    for act in table() {
        for path in act.paths() {
            router = router.routes(at(&act, path, act.handler.clone()));
        }
    }
    router.into_openapi()
}

/// The act at one of its paths: its schemas, its operation and its handler.
pub fn at(act: &Act, path: &str, handler: MethodRouter<App>) -> UtoipaMethodRouter<App> {
    let (schemas, documented) = act.row.documented.clone();
    let mut paths = Paths::new();
    for operation in documented.paths.values().filter_map(|item| of_method(item, &act.method)) {
        let mut operation = operation.clone();
        operation.operation_id = Some(operation_id(act, path));
        if path != act.row.path {
            operation.description = Some(format!("Another spelling of `{}`.", act.row.path));
        }
        complete(&mut operation, act);
        paths.add_path_operation(path, vec![http_method(&act.method)], operation);
    }
    (schemas, paths, handler)
}

/// An alias is named after its path.
fn operation_id(act: &Act, path: &str) -> String {
    if path == act.row.path {
        return act.id.to_owned();
    }
    let spelled = path.trim_start_matches("/api/").replace(['/', '-'], "_");
    format!("{}_at_{spelled}", act.id)
}

/// What is true of every operation of its kind: who may call it, its headers, its problems.
fn complete(operation: &mut Operation, act: &Act) {
    operation.security = Some(credentials(act));
    let parameters = operation.parameters.get_or_insert_default();
    parameters.iter_mut().for_each(components::share);
    parameters.extend(headers(act));
    let responses = &mut operation.responses.responses;
    for (status, response) in responses.iter_mut() {
        if let (true, RefOr::T(response)) =
            (act.row.effect.is_command() && status.starts_with('2'), &mut *response)
        {
            response.headers.extend([components::position()]);
        }
        refer(status, response);
    }
    if act.row.effect == Effect::Reads {
        responses.insert("304".to_owned(), components::not_modified());
    }
    for status in problems(act) {
        let problem = || components::problem(status, String::new());
        responses.entry(status.as_str().to_owned()).or_insert_with(problem);
    }
}

/// What a handler says about a refusal is about the problem of that status, unless it has a body of its own.
fn refer(status: &str, response: &mut RefOr<Response>) {
    let Ok(code) = status.parse::<StatusCode>() else { return };
    let RefOr::T(told) = &*response else { return };
    if (code.is_client_error() || code.is_server_error()) && told.content.is_empty() {
        *response = components::problem(code, told.description.clone());
    }
}

/// Any one of them will do.
fn credentials(act: &Act) -> Vec<SecurityRequirement> {
    let by = |name: &str, scopes: Vec<&'static str>| SecurityRequirement::new(name, scopes);
    let mut session = vec![by("bearer", Vec::new())];
    if is_for_cookies(act) {
        session.push(by("cookie", Vec::new()));
    }
    match (act.row.access, act.row.key) {
        (Access::Anyone, _) => Vec::new(),
        (_, KeyAccess::Open | KeyAccess::Never) => session,
        (_, KeyAccess::Any) => vec![by("api_key", Vec::new())],
        (_, KeyAccess::Scope(scope)) => {
            session.push(by("api_key", vec![scope.name()]));
            session
        }
    }
}

fn is_for_cookies(act: &Act) -> bool {
    act.row.access != Access::Anyone && !act.row.access.needs_token(&act.method)
}

/// The headers that it reads, besides those that its handler documents.
fn headers(act: &Act) -> impl Iterator<Item = RefOr<Parameter>> {
    let command = act.row.effect.is_command();
    [
        (command, components::IDEMPOTENCY_KEY),
        (command, components::PREFER),
        (is_for_cookies(act) && !act.method.is_safe(), components::CSRF_TOKEN),
        (act.row.form.is_some(), components::PROOF),
        (act.row.effect == Effect::Compares, components::IF_MATCH),
        (matches!(act.row.effect, Effect::Reads | Effect::Streams), components::MIN_POSITION),
        (act.row.effect == Effect::Reads, components::IF_NONE_MATCH),
    ]
    .into_iter()
    .filter_map(|(applies, header)| applies.then(|| header.reference()))
}

fn problems(act: &Act) -> Vec<StatusCode> {
    // 403: what every operation but the open ones may say to an API key, and some to a session.
    let mut statuses = match act.row.access {
        Access::Anyone if act.row.form.is_some() => vec![StatusCode::FORBIDDEN],
        Access::Anyone => vec![],
        _ => vec![StatusCode::UNAUTHORIZED, StatusCode::FORBIDDEN],
    };
    if matches!(act.method, Method::POST | Method::PUT | Method::PATCH) {
        statuses.extend([
            StatusCode::REQUEST_TIMEOUT,
            StatusCode::PAYLOAD_TOO_LARGE,
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            StatusCode::UNPROCESSABLE_ENTITY,
        ]);
    }
    if !act.method.is_safe() {
        // `If-Match` names another version, or there is none to be named.
        statuses.push(StatusCode::PRECONDITION_FAILED);
    }
    if act.row.effect.is_command() {
        // A race, and an `Idempotency-Key` that was used before.
        statuses.extend([StatusCode::CONFLICT, StatusCode::UNPROCESSABLE_ENTITY]);
    }
    if act.row.effect != Effect::Serves {
        statuses.extend([
            StatusCode::BAD_REQUEST,
            StatusCode::TOO_MANY_REQUESTS,
            StatusCode::SERVICE_UNAVAILABLE,
        ]);
    }
    statuses
}

fn of_method<'a>(item: &'a utoipa::openapi::PathItem, method: &Method) -> Option<&'a Operation> {
    match *method {
        Method::GET => item.get.as_ref(),
        Method::PUT => item.put.as_ref(),
        Method::POST => item.post.as_ref(),
        Method::PATCH => item.patch.as_ref(),
        Method::DELETE => item.delete.as_ref(),
        _ => None,
    }
}

fn http_method(method: &Method) -> HttpMethod {
    match *method {
        Method::PUT => HttpMethod::Put,
        Method::POST => HttpMethod::Post,
        Method::PATCH => HttpMethod::Patch,
        Method::DELETE => HttpMethod::Delete,
        _ => HttpMethod::Get,
    }
}
