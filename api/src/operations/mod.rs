//! Endpoints for operators: health, metrics, schedules, documentation.

pub mod docs;
pub mod health;
pub mod problems;
pub mod schedules;
pub mod timetable;

crate::acts::acts! {
    // method "id" "path" who key effect handler: see `crate::acts`.
    GET "list_schedules"    "/api/admin/schedules"            Staff  Never Reads   schedules::list_schedules,
        also ["/admin/django_celery_beat"];
    GET "find_schedule"     "/api/admin/schedules/{name}"     Staff  Never Reads   schedules::find_schedule;
    PATCH "change_schedule" "/api/admin/schedules/{name}"     Staff  Never Changes schedules::change_schedule;
    POST "run_schedule"     "/api/admin/schedules/{name}/run" Staff  Never Changes schedules::run_schedule;
    GET "find_problem"      "/problems/{slug}"                Anyone Open  Serves  problems::find_problem;
    GET "openapi"           "/api/openapi.json"               Anyone Open  Serves  docs::document;
    GET "asyncapi"          "/api/asyncapi.json"              Anyone Open  Serves  docs::messages;
    GET "live"              "/health/live"                    Anyone Open  Serves  health::live;
    GET "ready"             "/health/ready"                   Anyone Open  Serves  health::ready;
    GET "metrics"           "/metrics"                        Anyone Open  Serves  health::metrics;
}
