//! Mail as files: one per mail, whole or not there at all, readable by this program's user only.

use super::MailError;
use crate::jobs::JobId;
use std::{
    collections::BTreeSet,
    fs::{self, DirBuilder, File, OpenOptions},
    io::{self, Write},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::{Path, PathBuf},
};
use tokio::task::spawn_blocking;

pub(super) struct Outbox {
    directory: PathBuf,
}

impl Outbox {
    pub(super) fn new(directory: PathBuf) -> Self {
        Self { directory }
    }

    /// Writes `<id>.eml`. A repeat replaces the file: one mail stays one file.
    pub(super) async fn write(&self, id: JobId, mail: Vec<u8>) -> Result<(), MailError> {
        let directory = self.directory.clone();
        let written = spawn_blocking(move || write(&directory, id, &mail)).await;
        written.map_err(io::Error::other).and_then(|result| result).map_err(MailError::Write)
    }

    /// Removes what is addressed to one of these, in lower case.
    pub(super) async fn forget(&self, addresses: BTreeSet<String>) -> Result<(), MailError> {
        let directory = self.directory.clone();
        let forgotten = spawn_blocking(move || forget(&directory, &addresses)).await;
        forgotten.map_err(io::Error::other).and_then(|result| result).map_err(MailError::Write)
    }
}

/// The files that are addressed to one of these, half-written ones included.
fn forget(directory: &Path, addresses: &BTreeSet<String>) -> io::Result<()> {
    let entries = match fs::read_dir(directory) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        entries => entries?,
    };
    for entry in entries {
        let path = entry?.path();
        let is_mail = path.extension().is_some_and(|kind| kind == "eml" || kind == "tmp");
        if is_mail && is_to(&fs::read(&path)?, addresses) {
            fs::remove_file(&path)?;
        }
    }
    File::open(directory)?.sync_all()
}

/// Whether the header names one of the addresses as the one to whom it goes.
fn is_to(mail: &[u8], addresses: &BTreeSet<String>) -> bool {
    let text = String::from_utf8_lossy(mail);
    let header = text.split("\r\n\r\n").next().unwrap_or_default();
    // A long line is folded: it goes on after a blank.
    let unfolded = header.replace("\r\n ", " ").replace("\r\n\t", " ");
    unfolded.lines().filter_map(|line| line.strip_prefix("To:")).any(|to| {
        let to = to.trim().trim_start_matches('<').trim_end_matches('>');
        addresses.contains(&to.to_ascii_lowercase())
    })
}

fn write(directory: &Path, id: JobId, mail: &[u8]) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(directory)?;
    // The name does not end in .eml: whoever watches the outbox never sees half a mail.
    let fresh = directory.join(format!(".{id}.tmp"));
    match fs::remove_file(&fresh) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&fresh)?;
    file.write_all(mail)?;
    file.sync_all()?;
    fs::rename(&fresh, directory.join(format!("{id}.eml")))?;
    // Without it a crash could lose the name of a mail whose job is recorded as done.
    File::open(directory)?.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    struct Folder(PathBuf);

    impl Folder {
        fn new(name: &str) -> Self {
            let folder = std::env::temp_dir().join(format!("annals-outbox-{name}-{}", std::process::id()));
            fs::remove_dir_all(&folder).ok();
            Self(folder)
        }

        fn names(&self) -> Vec<String> {
            let entries = fs::read_dir(&self.0).unwrap();
            entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
        }
    }

    impl Drop for Folder {
        fn drop(&mut self) {
            fs::remove_dir_all(&self.0).ok();
        }
    }

    #[test]
    fn mail_is_one_private_file_named_by_its_job() {
        let folder = Folder::new("private");
        let id = JobId::of("send_email", "event", "target");

        write(&folder.0, id, b"first").unwrap();
        write(&folder.0, id, b"again").unwrap();

        assert_eq!(folder.names(), [format!("{id}.eml")]);
        let file = folder.0.join(format!("{id}.eml"));
        assert_eq!(fs::read(&file).unwrap(), b"again");
        assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    }

    #[test]
    fn rest_of_an_interrupted_write_is_replaced() {
        let folder = Folder::new("rest");
        let id = JobId::of("send_email", "event", "target");
        fs::create_dir_all(&folder.0).unwrap();
        fs::write(folder.0.join(format!(".{id}.tmp")), b"half").unwrap();

        write(&folder.0, id, b"whole").unwrap();

        assert_eq!(folder.names(), [format!("{id}.eml")]);
    }

    #[test]
    fn mails_to_an_address_are_forgotten_and_others_stay() {
        let folder = Folder::new("forget");
        let long = format!("{}@example.com", "j".repeat(64));
        let mails = [
            ("1", "To: Jane@Example.com\r\nSubject: a\r\n\r\nTo: john@example.com".to_owned()),
            ("2", format!("Subject: b\r\nTo:\r\n {long}\r\n\r\n")),
            (
                "3",
                "To: <john@example.com>\r\nSubject: jane@example.com\r\n\r\nTo: jane@example.com".to_owned(),
            ),
        ];
        for (source, mail) in &mails {
            write(&folder.0, JobId::of("send_email", source, "target"), mail.as_bytes()).unwrap();
        }
        fs::write(folder.0.join(".rest.tmp"), b"To: jane@example.com\r\n").unwrap();

        forget(&folder.0, &["jane@example.com".to_owned(), long].into()).unwrap();

        assert_eq!(folder.names(), [format!("{}.eml", JobId::of("send_email", "3", "target"))]);
        forget(&folder.0.join("nowhere"), &BTreeSet::new()).unwrap();
    }

    #[test]
    fn unwritable_folder_is_an_error() {
        let folder = Folder::new("file");
        fs::write(&folder.0, b"in the way").unwrap();

        let result = write(&folder.0.join("outbox"), JobId::of("r", "s", "t"), b"mail");

        fs::remove_file(&folder.0).unwrap();
        assert!(result.is_err());
    }
}
