//! All acts, gathered from their areas, and the router that is made of them.
//!
//! To add an endpoint, see `docs/adding/endpoint.md`.

use crate::{
    App, account,
    acts::{Act, Effect},
    audit, badges, bots, deeds, edge, etag,
    guard::{self, Requirement},
    notices, openapi,
    operations::{self, docs},
    people, portfolio, social, wallet,
};
use axum::{
    Router,
    middleware::{from_fn, from_fn_with_state},
};
use tower::ServiceBuilder;

/// The areas and their acts.
pub fn areas() -> [(&'static str, Vec<Act>); 10] {
    [
        ("account", account::acts()),
        ("people", people::acts()),
        ("social", social::acts()),
        ("deeds", deeds::acts()),
        ("badges", badges::acts()),
        ("wallet", wallet::acts()),
        ("portfolio", portfolio::acts()),
        ("notices", notices::acts()),
        ("audit", audit::acts()),
        ("operations", operations::acts()),
    ]
}

/// Every act.
pub fn table() -> impl Iterator<Item = Act> {
    areas().into_iter().flat_map(|(_, acts)| acts)
}

/// The routes of the table and the documentation's pages, with everything that stands around them.
pub fn router(app: App) -> Router {
    let mut router = openapi::described();
    for act in table() {
        let requirement = Requirement { act: act.id, access: act.row.access, key: act.row.key };
        let versionless = !act.method.is_safe() && act.row.effect != Effect::Compares;
        // As one layer, for the reason of `edge::around`.
        let layers = ServiceBuilder::new()
            .layer(from_fn_with_state((app.clone(), requirement), guard::guard))
            .option_layer(versionless.then(|| from_fn(etag::without_version)))
            .layer(from_fn_with_state(app.edge().clone(), edge::read_body))
            .option_layer(
                act.row.form.map(|form| from_fn_with_state((app.clone(), act.id, form), bots::watch)),
            );
        for path in act.paths() {
            let handler = act.handler.clone().layer(layers.clone());
            router = router.routes(openapi::at(&act, path, handler));
        }
    }
    let (router, _) = router.split_for_parts();
    let edge = app.edge().clone();
    let router = router
        .merge(docs::pages())
        .fallback(edge::not_found)
        .method_not_allowed_fallback(edge::method_not_allowed)
        .with_state(app);
    edge::around(router, &edge)
}

#[cfg(test)]
#[path = "routes_tests.rs"]
mod tests;

#[cfg(test)]
#[path = "endpoints_page.rs"]
mod endpoints_page;
