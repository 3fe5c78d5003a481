//! Countries and cities to choose from (PRO-08).

use crate::{
    App,
    extract::ApiQuery,
    http::views::{PageView, numbered, refused},
    kept::Kept,
    problem::{ApiResult, Problem},
};
use axum::{
    extract::State,
    http::{HeaderMap, Uri},
    response::Response,
};
use domain::values::{City, CountryCode, places};
use projections::Numbered;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

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
    #[param(
        example = "DE",
        pattern = "^(AD|AE|AF|AG|AI|AL|AM|AO|AQ|AR|AS|AT|AU|AW|AX|AZ|BA|BB|BD|BE|BF|BG|BH|BI|BJ|BL|BM|BN|BO|\
        BQ|BR|BS|BT|BV|BW|BY|BZ|CA|CC|CD|CF|CG|CH|CI|CK|CL|CM|CN|CO|CR|CU|CV|CW|CX|CY|CZ|DE|DJ|\
        DK|DM|DO|DZ|EC|EE|EG|EH|ER|ES|ET|FI|FJ|FK|FM|FO|FR|GA|GB|GD|GE|GF|GG|GH|GI|GL|GM|GN|GP|\
        GQ|GR|GS|GT|GU|GW|GY|HK|HM|HN|HR|HT|HU|ID|IE|IL|IM|IN|IO|IQ|IR|IS|IT|JE|JM|JO|JP|KE|KG|\
        KH|KI|KM|KN|KP|KR|KW|KY|KZ|LA|LB|LC|LI|LK|LR|LS|LT|LU|LV|LY|MA|MC|MD|ME|MF|MG|MH|MK|ML|\
        MM|MN|MO|MP|MQ|MR|MS|MT|MU|MV|MW|MX|MY|MZ|NA|NC|NE|NF|NG|NI|NL|NO|NP|NR|NU|NZ|OM|PA|PE|\
        PF|PG|PH|PK|PL|PM|PN|PR|PS|PT|PW|PY|QA|RE|RO|RS|RU|RW|SA|SB|SC|SD|SE|SG|SH|SI|SJ|SK|SL|\
        SM|SN|SO|SR|SS|ST|SV|SX|SY|SZ|TC|TD|TF|TG|TH|TJ|TK|TL|TM|TN|TO|TR|TT|TV|TW|TZ|UA|UG|UM|\
        US|UY|UZ|VA|VC|VE|VG|VI|VN|VU|WF|WS|YE|YT|ZA|ZM|ZW)$"
    )]
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

/// Lists countries by their codes.
#[utoipa::path(get, path = "", tag = "profile", params(CountriesQuery),
    responses((status = 200, body = PageView<CountryView>), (status = 304)))]
pub async fn list_countries(
    State(app): State<App>,
    uri: Uri,
    asked: HeaderMap,
    ApiQuery(query): ApiQuery<CountriesQuery>,
) -> ApiResult<Response> {
    let wanted = numbered(query.page, query.page_size)?;
    let word = word(query.q)?;
    let show = |country: places::Country| CountryView { code: country.code, name: country.name };
    kept(&app, &asked, &uri, || page(places::find_countries(&word), wanted, &uri, show)).await
}

/// Lists the cities of a country with at least 5,000 inhabitants, the largest first.
#[utoipa::path(get, path = "", tag = "profile", params(CitiesQuery),
    responses((status = 200, body = PageView<CityView>), (status = 304)))]
pub async fn list_cities(
    State(app): State<App>,
    uri: Uri,
    asked: HeaderMap,
    ApiQuery(query): ApiQuery<CitiesQuery>,
) -> ApiResult<Response> {
    let wanted = numbered(query.page, query.page_size)?;
    let country =
        CountryCode::parse(&query.country).map_err(|error| refused("country", &error.to_string()))?;
    let word = word(query.q)?;
    let show = |name| CityView { name, country: country.to_string() };
    kept(&app, &asked, &uri, || page(places::find_cities(&country, &word), wanted, &uri, show)).await
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

/// The same for everybody, and to be kept: with a tag, and 304 for who has it. `make` finds a page that is not here yet.
async fn kept<T: Serialize>(
    app: &App,
    asked: &HeaderMap,
    uri: &Uri,
    make: impl FnOnce() -> T,
) -> ApiResult<Response> {
    let made = async {
        let body = serde_json::to_vec(&make()).ok()?;
        Some(Kept::new("application/json", KEPT, body))
    };
    let name = uri.path_and_query().map_or("", |name| name.as_str());
    let kept = app.shelf().get(name, made).await;
    kept.map(|kept| kept.reply(asked)).ok_or_else(|| Problem::internal("a page of places that is not made"))
}
