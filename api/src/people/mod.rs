//! Profile and settings endpoints, and the search for people.

pub mod locations;
pub mod person;
pub mod profile;
pub mod profiles;
pub mod settings;
pub mod views;

crate::acts::acts! {
    // method "id" "path" who key effect handler: see `crate::acts`.
    GET "own_profile"         "/api/users/profile"       SignedIn Scope(ProfileRead)   Reads    profile::own_profile,
        also ["/api/accounts/profile"];
    PUT "replace_profile" |
    PATCH "change_profile"    "/api/users/profile"       SignedIn Scope(ProfileWrite)  Compares profile::change_profile,
        also ["/api/accounts/profile"];
    GET "list_profiles"       "/api/profiles"            Verified Scope(SocialRead)    Reads    profiles::list_profiles;
    POST "create_profile"     "/api/profiles"            SignedIn Scope(ProfileWrite)  Changes  profiles::create_profile;
    GET "find_profile"        "/api/profiles/{id}"       SignedIn Scope(SocialRead)    Reads    profiles::find_profile;
    PUT "replace_profile_of" |
    PATCH "change_profile_of" "/api/profiles/{id}"       SignedIn Scope(ProfileWrite)  Compares profiles::change_profile;
    DELETE "reset_profile"    "/api/profiles/{id}"       SignedIn Scope(ProfileWrite)  Compares profiles::reset_profile;
    GET "list_countries"      "/api/locations/countries" Anyone   Open                 Reads    locations::list_countries;
    GET "list_cities"         "/api/locations/cities"    Anyone   Open                 Reads    locations::list_cities;
    GET "own_settings"        "/api/settings"            SignedIn Scope(SettingsRead)  Reads    settings::own_settings;
    PUT "replace_settings" |
    PATCH "change_settings"   "/api/settings"            SignedIn Scope(SettingsWrite) Compares settings::change_settings;
}
