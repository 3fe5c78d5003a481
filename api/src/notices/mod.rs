//! Notification endpoints.

pub mod notifications;
pub mod views;

crate::acts::acts! {
    // method "id" "path" who key effect handler: see `crate::acts`.
    GET "list_notifications"  "/api/me/notifications"           SignedIn Scope(NotificationsRead)  Reads   notifications::list_notifications,
        also ["/api/notifications"];
    GET "find_notification"   "/api/me/notifications/{id}"      SignedIn Scope(NotificationsRead)  Reads   notifications::find_notification,
        also ["/api/notifications/{id}"];
    POST "read_notification"  "/api/me/notifications/{id}/read" SignedIn Scope(NotificationsWrite) Changes notifications::read_notification,
        also ["/api/notifications/{id}/read"];
    POST "read_notifications" "/api/me/notifications/read"      SignedIn Scope(NotificationsWrite) Changes notifications::read_notifications,
        also ["/api/notifications/read"];
}
