//! Event endpoints: the events of a person, the event stream, the audit log.

pub mod event_stream;
pub mod events;
pub mod history;
pub mod views;
pub mod witness;

crate::acts::acts! {
    // method "id" "path" who key effect handler: see `crate::acts`.
    GET "list_user_events" "/api/events"        SignedIn Scope(EventsRead) Reads   events::list_user_events;
    GET "follow_events"    "/api/events/stream" Polled   Scope(EventsRead) Streams event_stream::follow_events;
    GET "list_audit"       "/api/admin/audit"   Staff    Scope(AuditRead)  Reads   history::list_audit;
    GET "list_events"      "/api/audit/events"  Staff    Scope(AuditRead)  Reads   history::list_events;
}
