//! What the system allows this process.

use nix::sys::resource::{Resource, getrlimit, setrlimit};

/// Lets the process have as many open files as the system allows it at most: each connection is one, and the usual
/// limit is 1,024. Where that is refused everything works, with fewer connections.
pub fn raise_open_files() {
    let raised = getrlimit(Resource::RLIMIT_NOFILE).and_then(|(now, most)| {
        if now < most { setrlimit(Resource::RLIMIT_NOFILE, most, most) } else { Ok(()) }
    });
    if let Err(error) = raised {
        tracing::warn!(%error, "the limit of open files stays");
    }
}
