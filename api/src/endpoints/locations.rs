//! Countries and cities to choose from (PRO-08).

use crate::{
    etag,
    extract::ApiQuery,
    problem::{ApiResult, Problem},
    views::{PageView, numbered, refused},
};
use axum::{
    http::{HeaderMap, StatusCode, Uri, header},
    response::{IntoResponse, Response},
};
use domain::values::{City, CountryCode, places};
use projections::Numbered;
use serde::{Deserialize, Serialize};
use utoipa::{
    IntoParams, ToSchema,
    openapi::{Object, ObjectBuilder, Type},
};

/// Seconds for which anybody may keep a page: the lists change with the program only.
const KEPT: &str = "public, max-age=86400";

#[derive(Debug, Serialize, ToSchema)]
pub struct CountryView {
    /// ISO 3166-1 alpha-2.
    #[schema(example = "DE")]
    code: &'static str,
    /// In English.
    #[schema(example = "Germany")]
    name: &'static str,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct CityView {
    /// As a profile shows it.
    #[schema(example = "Berlin")]
    name: &'static str,
    #[schema(example = "DE")]
    country: String,
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct CountriesQuery {
    /// A code, or the beginning of a word of the name.
    #[param(max_length = 100, example = "ger")]
    q: Option<String>,
    /// From 1.
    #[param(minimum = 1, default = 1)]
    page: Option<u32>,
    #[param(minimum = 1, maximum = 100, default = 20)]
    page_size: Option<u32>,
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct CitiesQuery {
    /// ISO 3166-1 alpha-2, in any case.
    #[param(schema_with = country_codes)]
    country: String,
    /// The beginning of a word of any spelling, whatever its case and accents.
    #[param(max_length = 100, example = "ber")]
    q: Option<String>,
    /// From 1.
    #[param(minimum = 1, default = 1)]
    page: Option<u32>,
    #[param(minimum = 1, maximum = 100, default = 20)]
    page_size: Option<u32>,
}

fn country_codes() -> Object {
    let codes: Vec<&str> = places::countries().map(|country| country.code).collect();
    ObjectBuilder::new().schema_type(Type::String).enum_values(Some(codes)).build()
}

/// Countries by their codes, to choose from.
#[utoipa::path(get, path = "", tag = "profile", params(CountriesQuery),
    responses((status = 200, body = PageView<CountryView>), (status = 304)))]
pub async fn list_countries(
    uri: Uri,
    asked: HeaderMap,
    ApiQuery(query): ApiQuery<CountriesQuery>,
) -> ApiResult<Response> {
    let wanted = numbered(query.page, query.page_size)?;
    let found = places::find_countries(&word(query.q)?);
    let show = |country: places::Country| CountryView { code: country.code, name: country.name };
    kept(&asked, &page(found, wanted, &uri, show))
}

/// Cities of a country to choose from, the largest first: all with at least 5,000 inhabitants.
#[utoipa::path(get, path = "", tag = "profile", params(CitiesQuery),
    responses((status = 200, body = PageView<CityView>), (status = 304)))]
pub async fn list_cities(
    uri: Uri,
    asked: HeaderMap,
    ApiQuery(query): ApiQuery<CitiesQuery>,
) -> ApiResult<Response> {
    let wanted = numbered(query.page, query.page_size)?;
    let country =
        CountryCode::parse(&query.country).map_err(|error| refused("country", &error.to_string()))?;
    let found = places::find_cities(&country, &word(query.q)?);
    let show = |name| CityView { name, country: country.to_string() };
    kept(&asked, &page(found, wanted, &uri, show))
}

/// What a name is to begin with; nothing is all of them.
fn word(given: Option<String>) -> ApiResult<String> {
    let text = given.unwrap_or_default();
    if text.chars().count() > City::MAX_CHARS {
        return Err(refused("q", &format!("at most {} characters", City::MAX_CHARS)));
    }
    Ok(text)
}

fn page<R, T: ToSchema>(found: Vec<R>, wanted: Numbered, uri: &Uri, show: impl FnMut(R) -> T) -> PageView<T> {
    PageView::new(wanted.of(found), uri, |number: u32| ("page", number.to_string()), show)
}

/// The same for everybody, and to be kept: with a tag, and 304 for who has it.
fn kept<T: Serialize>(asked: &HeaderMap, view: &T) -> ApiResult<Response> {
    let body = serde_json::to_vec(view).map_err(Problem::internal)?;
    let tag = etag::of_bytes(&body);
    let headers = [(header::CACHE_CONTROL, KEPT.to_owned()), (header::ETAG, tag.clone())];
    Ok(if etag::is_known(asked, &tag) {
        (StatusCode::NOT_MODIFIED, headers).into_response()
    } else {
        (headers, [(header::CONTENT_TYPE, "application/json")], body).into_response()
    })
}
