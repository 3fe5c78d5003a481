//! The file by which a running program can be found in its data directory: `<data>/run/instance.json`.

use crate::data_dir;
use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};
use std::{fs, net::SocketAddr, path::Path};

/// Where the API of the running program is.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Instance {
    pub pid: u32,
    pub http: String,
    /// Where its metrics are, if anywhere but on the API's own address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub metrics: Option<String>,
}

const FILE: &str = "run/instance.json";

impl Instance {
    /// Writes the file; it is complete or absent.
    ///
    /// # Errors
    /// If the data directory cannot be written.
    pub fn announce(data_dir: &Path, address: SocketAddr, metrics: Option<SocketAddr>) -> Result<Self> {
        let instance = Self {
            pid: std::process::id(),
            http: format!("http://{address}"),
            metrics: metrics.map(|address| format!("http://{address}/metrics")),
        };
        let path = data_dir.join(FILE);
        let new = path.with_extension("new");
        data_dir::prepare(data_dir)?;
        path.parent()
            .map_or(Ok(()), fs::create_dir_all)
            .and_then(|()| fs::write(&new, serde_json::to_string(&instance)?))
            .and_then(|()| fs::rename(&new, &path))
            .with_context(|| format!("cannot write {}", path.display()))?;
        Ok(instance)
    }

    /// The last one announced, if its process still lives.
    pub fn find(data_dir: &Path) -> Option<Self> {
        let text = fs::read_to_string(data_dir.join(FILE)).ok()?;
        let instance: Self = serde_json::from_str(&text).ok()?;
        let pid = nix::unistd::Pid::from_raw(i32::try_from(instance.pid).ok()?);
        nix::sys::signal::kill(pid, None).is_ok().then_some(instance)
    }

    pub fn withdraw(data_dir: &Path) {
        // Absent is what was wanted.
        let _ = fs::remove_file(data_dir.join(FILE));
    }
}
