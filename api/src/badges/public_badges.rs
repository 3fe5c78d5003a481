//! An award for everybody to see, if its person shows the profile to everybody (BDG-24): as JSON, as a page that other
//! sites make a preview of (Open Graph), and as a picture.
//!
//! Of the person it says the display name, and nothing else.

use crate::{
    App,
    extract::PathId,
    problem::{ApiResult, Problem, catalogue as kind},
};
use axum::{
    Json,
    extract::State,
    http::{HeaderMap, HeaderValue, header},
    response::{IntoResponse, Response},
};
use chrono::{DateTime, Utc};
use domain::{AwardId, UserId};
use projections::{Sight, Viewer};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// Nothing is loaded or run; only the picture is ours or the badge's own.
const PAGE_POLICY: &str =
    "default-src 'none'; img-src 'self' https:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
const CARD_POLICY: &str = "default-src 'none'; base-uri 'none'; frame-ancestors 'none'";

/// An award, as strangers see it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PublicBadgeView {
    pub id: Uuid,
    /// The full name, or else the username.
    #[schema(example = "Jane Doe")]
    pub display_name: String,
    pub badge: PublicBadge,
    pub earned_at: DateTime<Utc>,
    /// Of the page.
    pub url: String,
    /// Of the picture.
    pub card_url: String,
}

/// What the badge of an award is.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PublicBadge {
    #[schema(example = "First Post")]
    pub name: String,
    pub description: String,
    #[schema(example = "fas fa-star")]
    pub icon: String,
    #[schema(example = "#FFD700")]
    pub color: String,
    pub image: Option<String>,
    #[schema(example = "achievement")]
    pub category: String,
    pub points: i64,
    #[schema(example = "common")]
    pub rarity: &'static str,
}

/// Returns an award of a person with a public profile, as JSON or as a page for browsers and link previews (`Accept:
/// text/html`).
#[utoipa::path(get, path = "", tag = "badge", params(("id" = Uuid, Path)),
    responses((status = 200, body = PublicBadgeView),
        (status = 404, description = "There is no such award, or its person does not show it to everybody")))]
pub async fn find_public_badge(
    State(app): State<App>,
    PathId(id): PathId<AwardId>,
    headers: HeaderMap,
) -> ApiResult<Response> {
    let view = found(&app, id).await?;
    let mut response = match wants_html(&headers) {
        true => sent("text/html; charset=utf-8", PAGE_POLICY, page(&view)),
        false => Json(view).into_response(),
    };
    response.headers_mut().insert(header::VARY, HeaderValue::from_static("accept"));
    Ok(response)
}

/// Returns a picture of an award of a person with a public profile, 1,200 by 630 (SVG).
#[utoipa::path(get, path = "", tag = "badge", params(("id" = Uuid, Path)),
    responses((status = 200, description = "SVG"),
        (status = 404, description = "There is no such award, or its person does not show it to everybody")))]
pub async fn find_badge_card(State(app): State<App>, PathId(id): PathId<AwardId>) -> ApiResult<Response> {
    Ok(sent("image/svg+xml; charset=utf-8", CARD_POLICY, card(&found(&app, id).await?)))
}

/// Where everybody finds an award, if its person shows the profile to everybody.
pub(crate) fn page_url(app: &App, award: AwardId) -> String {
    let base = app.options().public_url.as_deref().unwrap_or_default();
    format!("{base}/api/public/badges/{award}")
}

/// As somebody sees it who is nobody here.
async fn found(app: &App, id: AwardId) -> ApiResult<PublicBadgeView> {
    let absent = || Problem::of(&kind::AWARD_NOT_FOUND);
    let stranger = Viewer { user: UserId::default(), is_staff: false, now: app.now() };
    let row = app.queries().find_award(id).await?.filter(|row| row.award.is_held()).ok_or_else(absent)?;
    let person = app.queries().find_person(stranger, row.award.user_id).await?.ok_or_else(absent)?;
    if person.sight(stranger).is_none_or(|sight| sight < Sight::Profile) {
        return Err(absent());
    }
    let display_name = person.page.full_name.or(person.page.username).ok_or_else(absent)?;
    let url = page_url(app, id);
    Ok(PublicBadgeView {
        id: id.uuid(),
        display_name,
        badge: PublicBadge {
            name: row.badge.name,
            description: row.badge.description,
            icon: row.badge.icon,
            color: row.badge.color,
            image: row.badge.image,
            category: row.badge.category,
            points: row.badge.points,
            rarity: row.badge.rarity.name(),
        },
        earned_at: row.award.earned_at,
        card_url: format!("{url}/card.svg"),
        url,
    })
}

fn sent(content_type: &'static str, policy: &'static str, body: String) -> Response {
    let headers = [(header::CONTENT_TYPE, content_type), (header::CONTENT_SECURITY_POLICY, policy)];
    (headers, body).into_response()
}

/// Whether a page is asked for, as browsers and crawlers do: it is named, and JSON is not.
fn wants_html(headers: &HeaderMap) -> bool {
    let accepted = headers.get_all(header::ACCEPT).iter().filter_map(|value| value.to_str().ok());
    let kinds: Vec<String> = accepted
        .flat_map(|value| value.split(','))
        .map(|kind| kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase())
        .collect();
    kinds.iter().any(|kind| kind == "text/html") && kinds.iter().all(|kind| kind != "application/json")
}

/// For text and for attributes in double quotes, in HTML and in XML. What XML cannot hold becomes U+FFFD.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            '\t' | '\n' | '\r' => escaped.push(' '),
            c if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') => escaped.push('\u{fffd}'),
            c => escaped.push(c),
        }
    }
    escaped
}

fn page(view: &PublicBadgeView) -> String {
    let PublicBadgeView { display_name, badge, earned_at, url, card_url, .. } = view;
    let title = escaped(&format!("{display_name} earned {}", badge.name));
    let (name, description) = (escaped(&badge.name), escaped(&badge.description));
    let (url, card) = (escaped(url), escaped(card_url));
    let (points, rarity, day) = (badge.points, badge.rarity, earned_at.format("%Y-%m-%d"));
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<title>{title}</title>\n\
         <meta name=\"viewport\" content=\"width=device-width\">\n\
         <meta name=\"description\" content=\"{description}\">\n\
         <meta property=\"og:type\" content=\"website\">\n\
         <meta property=\"og:title\" content=\"{title}\">\n\
         <meta property=\"og:description\" content=\"{description}\">\n\
         <meta property=\"og:url\" content=\"{url}\">\n\
         <meta property=\"og:image\" content=\"{card}\">\n\
         <meta property=\"og:image:type\" content=\"image/svg+xml\">\n\
         <meta property=\"og:image:alt\" content=\"{name}\">\n\
         <meta name=\"twitter:card\" content=\"summary_large_image\">\n\
         </head>\n<body>\n<main>\n<h1>{title}</h1>\n<img src=\"{card}\" alt=\"{name}\" width=\"600\" height=\"315\">\n\
         <p>{description}</p>\n<p>{rarity}, {points} points, <time datetime=\"{day}\">{day}</time></p>\n\
         </main>\n</body>\n</html>\n"
    )
}

fn card(view: &PublicBadgeView) -> String {
    let PublicBadgeView { display_name, badge, earned_at, .. } = view;
    let (name, person) = (escaped(&shortened(&badge.name, 30)), escaped(&shortened(display_name, 40)));
    let (color, rarity, points) = (escaped(&badge.color), badge.rarity, badge.points);
    let day = earned_at.format("%Y-%m-%d");
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"1200\" height=\"630\" viewBox=\"0 0 1200 630\" role=\"img\">\n\
         <title>{person}: {name}</title>\n\
         <rect width=\"1200\" height=\"630\" fill=\"#ffffff\"/>\n\
         <rect width=\"1200\" height=\"24\" fill=\"{color}\"/>\n\
         <circle cx=\"600\" cy=\"210\" r=\"110\" fill=\"{color}\" stroke=\"#222222\" stroke-width=\"6\"/>\n\
         <g font-family=\"sans-serif\" text-anchor=\"middle\" fill=\"#222222\">\n\
         <text x=\"600\" y=\"420\" font-size=\"64\" font-weight=\"bold\">{name}</text>\n\
         <text x=\"600\" y=\"500\" font-size=\"44\">{person}</text>\n\
         <text x=\"600\" y=\"565\" font-size=\"30\">{rarity}, {points} points, {day}</text>\n\
         </g>\n</svg>\n"
    )
}

/// At most so many characters.
fn shortened(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    text.chars().take(most - 1).chain(['…']).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asks(accept: &str) -> bool {
        wants_html(&HeaderMap::from_iter([(header::ACCEPT, HeaderValue::from_str(accept).unwrap())]))
    }

    #[test]
    fn page_is_for_whoever_names_it_and_json_for_everybody_else() {
        assert!(asks("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"));
        assert!(asks("Text/HTML; charset=utf-8"));
        for accept in ["*/*", "application/json", "application/json, text/html;q=0.5", ""] {
            assert!(!asks(accept), "{accept}");
        }
        assert!(!wants_html(&HeaderMap::new()));
    }

    #[test]
    fn names_stay_text_in_a_page_and_in_a_picture() {
        let hostile = "\"><script>alert('x')</script>&\u{1}";
        let badge = PublicBadge {
            name: hostile.to_owned(),
            description: hostile.to_owned(),
            icon: "fas fa-star".to_owned(),
            color: "#FFD700".to_owned(),
            image: None,
            category: "achievement".to_owned(),
            points: 25,
            rarity: "common",
        };
        let view = PublicBadgeView {
            id: Uuid::nil(),
            display_name: hostile.to_owned(),
            badge,
            earned_at: DateTime::UNIX_EPOCH,
            url: "/x".to_owned(),
            card_url: "/x/card.svg".to_owned(),
        };

        for text in [page(&view), card(&view)] {
            assert!(!text.contains("<script") && !text.contains('\u{1}'), "{text}");
            assert!(text.contains("&quot;&gt;&lt;script&gt;"), "{text}");
        }
    }
}
