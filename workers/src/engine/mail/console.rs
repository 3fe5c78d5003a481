//! Mail on standard output, for development.

use super::MailError;
use tokio::io::{AsyncWriteExt, stdout};

/// Prints the whole mail. Standard output is not the log: that one never shows a code.
pub(super) async fn print(mail: &[u8]) -> Result<(), MailError> {
    let mut out = stdout();
    let rule = [b"-".repeat(72), b"\n".to_vec()].concat();
    for part in [mail, b"\n", &rule] {
        out.write_all(part).await.map_err(MailError::Write)?;
    }
    out.flush().await.map_err(MailError::Write)
}
