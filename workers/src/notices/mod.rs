//! Mails to people.

pub mod send_email;
