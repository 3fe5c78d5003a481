//! Activity endpoints: record what people do in other parts of the product.

pub mod activities;
pub mod told;
pub mod views;

crate::acts::acts! {
    // method "id" "path" who key effect handler: see `crate::acts`.
    POST "record_activity"   "/api/events"       Verified Scope(EventsWrite) Changes activities::record_activity;
    POST "record_activities" "/api/events/batch" Verified Scope(EventsWrite) Changes activities::record_activities;
}
