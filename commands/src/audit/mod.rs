//! Records of access to personal data and of rejected requests.

pub(crate) mod access_log;
