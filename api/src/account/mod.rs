//! Account endpoints: registration, login, sessions, API keys, and the administration of accounts by staff.

pub mod accounts;
pub mod api_keys;
pub mod correct_email;
pub mod csrf_token;
pub mod deletion;
pub mod email_change;
pub mod form_token;
pub mod introspect;
pub mod issue;
pub mod jwks;
pub mod login;
pub mod logout;
pub mod me;
pub mod password;
pub mod password_form;
pub mod proof_body;
pub mod refresh;
pub mod register;
pub mod service_keys;
pub mod session_check;
pub mod sessions;
pub mod standing;
pub mod user_acts;
pub mod users;
pub mod verify;
pub mod views;
