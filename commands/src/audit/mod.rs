//! Records of access to personal data and of rejected requests.

mod access_log;

pub use access_log::AccessLogs;
