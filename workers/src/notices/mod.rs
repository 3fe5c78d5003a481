//! People are told by mail.

pub mod send_email;
