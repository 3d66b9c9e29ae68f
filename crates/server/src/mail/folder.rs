//! The folder `mail` below the data: where letters go while no mail server is configured.
//!
//! It exists to try Timeproof out, and holds codes and links in the clear: mode 0700, each file
//! 0600, and what is older than a day is removed.

use std::{
    fs::{self, OpenOptions},
    io::{self, Write},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};

use app::identity::ClaimedLetter;
use jiff::Timestamp;

use crate::commands::say;

/// Letters are kept this long.
const KEEP: Duration = Duration::from_hours(24);

/// The folder of letters.
pub struct MailFolder {
    folder: PathBuf,
}

impl MailFolder {
    /// The folder `mail` below the data folder; made with the first letter.
    pub fn below(data: &Path) -> Self {
        Self { folder: data.join("mail") }
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.folder
    }

    /// Prints a letter, and writes it into a file of its own.
    ///
    /// Errors: what the system says.
    pub(super) fn put(&self, letter: &ClaimedLetter, at: Timestamp) -> io::Result<()> {
        let text = text_of(letter);
        self.write(&format!("{}-{}.txt", stamp(at), letter.id), &text)?;
        say(&format!("---- mail, not sent: no mail server is configured ----\n{text}----"));
        Ok(())
    }

    /// Prints and writes as [`MailFolder::put`] does, so that both take as long (whoever reads the lines
    /// takes their time, too), in place of what was pretended before: no letter, and one file at most.
    pub(super) fn pretend(&self, letter: &ClaimedLetter, at: Timestamp) -> io::Result<()> {
        let text: String =
            text_of(letter).chars().map(|sign| if sign == '\n' { sign } else { ' ' }).collect();
        let draft = self.draft(&format!("{}-{}.txt", stamp(at), letter.id), &text)?;
        fs::rename(draft, self.folder.join("pretended"))?;
        say(&format!("---- no mail: no account takes what was asked for ----\n{text}----"));
        Ok(())
    }

    /// Removes letters that are older than a day; how many.
    ///
    /// Errors: what the system says.
    pub fn empty(&self, now: Timestamp) -> io::Result<usize> {
        let entries = match fs::read_dir(&self.folder) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(0),
            entries => entries?,
        };
        let oldest = SystemTime::from(now).checked_sub(KEEP).unwrap_or(SystemTime::UNIX_EPOCH);
        let mut removed = 0;
        for entry in entries {
            let entry = entry?;
            let metadata = entry.metadata()?;
            if metadata.is_file() && metadata.modified()? < oldest {
                fs::remove_file(entry.path())?;
                removed += 1;
            }
        }
        Ok(removed)
    }

    /// Whoever looks for `*.txt` never sees half a letter.
    fn write(&self, name: &str, text: &str) -> io::Result<()> {
        fs::rename(self.draft(name, text)?, self.folder.join(name))
    }

    fn draft(&self, name: &str, text: &str) -> io::Result<PathBuf> {
        fs::DirBuilder::new().recursive(true).mode(0o700).create(&self.folder)?;
        let draft = self.folder.join(format!("{name}.new"));
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(true).mode(0o600);
        options.open(&draft)?.write_all(text.as_bytes())?;
        Ok(draft)
    }
}

fn text_of(letter: &ClaimedLetter) -> String {
    let (to, subject) = (letter.letter.to().as_str(), letter.letter.subject());
    format!("To: {to}\nSubject: {subject}\n\n{}", letter.letter.body())
}

/// Sorts by time: `20261120T120000Z`.
fn stamp(at: Timestamp) -> String {
    at.strftime("%Y%m%dT%H%M%SZ").to_string()
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use app::identity::{Letter, LetterKind, letters};
    use domain::text::EmailAddress;

    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn letter() -> ClaimedLetter {
        let to = EmailAddress::parse("ann@example.org").unwrap();
        ClaimedLetter {
            id: domain::ids::LetterId::from_bytes([1; 16]),
            kind: LetterKind::SignInCode,
            letter: letters::sign_in_code(&to, "ABCDEFGH", "http://localhost", "token").unwrap(),
            failures: 0,
        }
    }

    #[test]
    fn pretended_letters_are_no_letters() {
        let home = tempfile::tempdir().unwrap();
        let folder = MailFolder::below(home.path());
        for id in [1, 2] {
            let nobody = EmailAddress::parse("nobody@example.invalid").unwrap();
            let blank = Letter::new(nobody, "  ", "   \n  \n").unwrap();
            let id = domain::ids::LetterId::from_bytes([id; 16]);
            let blank = ClaimedLetter { id, letter: blank, ..letter() };
            folder.pretend(&blank, at("2026-11-20T12:00:00Z")).unwrap();
        }
        let files: Vec<_> = fs::read_dir(folder.path())
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        assert_eq!(files, ["pretended"]);
        let written = fs::read_to_string(folder.path().join("pretended")).unwrap();
        assert_eq!(written.trim(), "");
    }

    #[test]
    fn letters_are_private_and_go_after_a_day() {
        let home = tempfile::tempdir().unwrap();
        let folder = MailFolder::below(home.path());
        assert_eq!(folder.empty(at("2026-11-20T12:00:00Z")).unwrap(), 0, "no folder yet");
        let now = at("2026-11-20T12:00:00Z");
        folder.put(&letter(), now).unwrap();
        folder.put(&letter(), now).unwrap();
        let files: Vec<_> =
            fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().path()).collect();
        assert_eq!(files.len(), 1, "the same letter is the same file");
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(folder.path()), mode(&files[0])), (0o700, 0o600));
        let text = fs::read_to_string(&files[0]).unwrap();
        assert!(text.starts_with("To: ann@example.org\nSubject: Your code"), "{text}");
        assert!(text.contains("ABCD-EFGH"));

        let file = fs::File::options().write(true).open(&files[0]).unwrap();
        file.set_modified(now.into()).unwrap();
        assert_eq!(folder.empty(at("2026-11-21T11:59:59Z")).unwrap(), 0);
        assert_eq!(folder.empty(at("2026-11-21T12:00:01Z")).unwrap(), 1);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    }
}
