//! The log files: one a day and kind below the data folder, for their owner alone.
//!
//! The day is that of the clock, in UTC, at each line: a clock that jumps or is set back changes the file
//! and nothing else. A line is one write to the end of its file, so that an operator's command beside the
//! server, and other nodes on the same folder, write into the same ones. What cannot be written never holds
//! anybody up: whoever asks is told, and the next line is tried again.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write},
    os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt},
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
};

use jiff::{Span, Timestamp, civil::Date, tz::TimeZone};

/// What a file is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// How the program does.
    App,
    /// Who signed in, who was refused, who gave power away.
    Security,
}

impl Kind {
    const ALL: [Self; 2] = [Self::App, Self::Security];

    /// With which its files begin.
    const fn name(self) -> &'static str {
        match self {
            Self::App => "app",
            Self::Security => "security",
        }
    }

    /// So many days are kept, today's among them: no line is older.
    const fn keep_days(self) -> i32 {
        match self {
            Self::App => 7,
            Self::Security => 400,
        }
    }
}

/// What became of a line.
#[derive(Debug)]
pub(crate) enum Written {
    /// It is there.
    Yes,
    /// It is there, and so many before it are not.
    Again(u64),
    /// It is not, and the one before it was.
    NoMore(io::Error),
    /// Nor was the one before it.
    Not,
}

/// The folder of the log files.
pub(crate) struct Files {
    folder: PathBuf,
    app: Mutex<Day>,
    security: Mutex<Day>,
}

/// The file of a day that is written to.
#[derive(Default)]
struct Day {
    open: Option<(Date, File)>,
    missed: u64,
    /// Whether the last line was cut: the next begins with the end of that one.
    is_torn: bool,
}

impl Files {
    /// Files below a folder, which is made with the first line.
    pub(crate) fn below(folder: &Path) -> Self {
        let (app, security) = (Mutex::default(), Mutex::default());
        Self { folder: folder.to_path_buf(), app, security }
    }

    /// Where they are.
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Writes a line, without its end, into the file of its day.
    pub(crate) fn write(&self, kind: Kind, at: Timestamp, line: &str) -> Written {
        let day = match kind {
            Kind::App => &self.app,
            Kind::Security => &self.security,
        };
        // Whoever panicked with it left no half of anything.
        let mut day = day.lock().unwrap_or_else(PoisonError::into_inner);
        match self.append(&mut day, kind, day_of(at), line) {
            Ok(()) if day.missed == 0 => Written::Yes,
            Ok(()) => Written::Again(std::mem::take(&mut day.missed)),
            Err(error) => {
                day.open = None;
                day.missed += 1;
                if day.missed == 1 { Written::NoMore(error) } else { Written::Not }
            }
        }
    }

    fn append(&self, day: &mut Day, kind: Kind, date: Date, line: &str) -> io::Result<()> {
        // A file that somebody removed or moved to another disk is begun anew.
        let is_good = |(of, file): &(Date, File)| {
            *of == date && file.metadata().is_ok_and(|found| found.nlink() > 0)
        };
        if !day.open.as_ref().is_some_and(is_good) {
            day.open = None;
        }
        let (_, file) = match &mut day.open {
            Some(open) => open,
            none => none.insert((date, self.open(kind, date)?)),
        };
        let begin = if day.is_torn { "\n" } else { "" };
        let text = format!("{begin}{line}\n");
        let mut rest = text.as_bytes();
        while !rest.is_empty() {
            // One write, unless the disk is full in the middle of it.
            let count = file.write(rest)?;
            if count == 0 {
                return Err(io::ErrorKind::WriteZero.into());
            }
            rest = rest.get(count..).unwrap_or_default();
            day.is_torn = !rest.is_empty();
        }
        Ok(())
    }

    fn open(&self, kind: Kind, date: Date) -> io::Result<File> {
        fs::DirBuilder::new().recursive(true).mode(0o700).create(&self.folder)?;
        let path = self.folder.join(format!("{}-{date}.jsonl", kind.name()));
        OpenOptions::new().append(true).create(true).mode(0o600).open(path)
    }
}

/// Removes files of days that are not kept any more; how many. A file of a day that is yet to come stays:
/// whether its clock was wrong or ours is, nobody can tell.
///
/// Errors: what the system says, once all others were looked at.
pub(crate) fn remove_old(folder: &Path, now: Timestamp) -> io::Result<usize> {
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(0),
        entries => entries?,
    };
    let (mut removed, mut outcome) = (0, Ok(()));
    for entry in entries {
        let entry = entry?;
        if !entry.file_name().to_str().is_some_and(|name| is_old(name, day_of(now))) {
            continue;
        }
        match fs::remove_file(entry.path()) {
            Ok(()) => removed += 1,
            // Another node was first.
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => outcome = Err(error),
        }
    }
    outcome.map(|()| removed)
}

/// Whether a file of ours is of a day that is kept no longer.
fn is_old(name: &str, today: Date) -> bool {
    let of = |kind: Kind| -> Option<Date> {
        let date = name.strip_prefix(kind.name())?.strip_prefix('-')?.strip_suffix(".jsonl")?;
        date.parse().ok()
    };
    Kind::ALL.into_iter().any(|kind| {
        let oldest = today.saturating_sub(Span::new().days(kind.keep_days() - 1));
        of(kind).is_some_and(|date| date < oldest)
    })
}

fn day_of(at: Timestamp) -> Date {
    at.to_zoned(TimeZone::UTC).date()
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn names(folder: &Path) -> Vec<String> {
        let entries = fs::read_dir(folder).unwrap();
        let mut names: Vec<_> =
            entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    fn read(folder: &Path, name: &str) -> String {
        fs::read_to_string(folder.join(name)).unwrap()
    }

    #[test]
    fn each_day_of_the_clock_has_its_file_also_when_it_is_set_back() {
        let home = tempfile::tempdir().unwrap();
        let folder = home.path().join("logs");
        let files = Files::below(&folder);
        assert!(!folder.exists(), "made with the first line");
        for (now, line) in [
            ("2026-11-22T23:59:59.999999Z", "before"),
            ("2026-11-23T00:00:00Z", "after"),
            // Set back by an hour, and by ten years; and to where it was.
            ("2026-11-22T23:30:00Z", "back"),
            ("2016-02-29T12:00:00Z", "far back"),
            ("2026-11-23T00:00:01Z", "again"),
            ("9999-12-30T00:00:00Z", "far ahead"),
        ] {
            assert!(matches!(files.write(Kind::App, at(now), line), Written::Yes), "{now}");
        }
        files.write(Kind::Security, at("2026-11-23T00:00:00Z"), "safe");
        let expected = [
            "app-2016-02-29.jsonl",
            "app-2026-11-22.jsonl",
            "app-2026-11-23.jsonl",
            "app-9999-12-30.jsonl",
            "security-2026-11-23.jsonl",
        ];
        assert_eq!(names(&folder), expected);
        assert_eq!(read(&folder, "app-2026-11-22.jsonl"), "before\nback\n");
        assert_eq!(read(&folder, "app-2026-11-23.jsonl"), "after\nagain\n");
        assert_eq!(read(&folder, "security-2026-11-23.jsonl"), "safe\n");
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&folder), 0o700);
        assert_eq!(mode(&folder.join("app-2026-11-22.jsonl")), 0o600);
    }

    #[test]
    fn no_line_is_older_than_seven_days_or_four_hundred() {
        let home = tempfile::tempdir().unwrap();
        let folder = home.path();
        assert_eq!(remove_old(&folder.join("none"), at("2026-11-23T00:00:00Z")).unwrap(), 0);
        let files = Files::below(folder);
        let first = at("2025-01-01T12:00:00Z");
        let day = |n: i64| first + jiff::SignedDuration::from_hours(24 * n);
        for other in ["notes.txt", "app-2025-01-01.jsonl.gz", "app-yesterday.jsonl", "app.jsonl"] {
            fs::write(folder.join(other), "mine").unwrap();
        }
        for n in 0..=800 {
            files.write(Kind::App, day(n), "a line");
            files.write(Kind::Security, day(n), "a line");
            remove_old(folder, day(n)).unwrap();
            let (app, security): (Vec<_>, Vec<_>) = names(folder)
                .into_iter()
                .filter(|name| is_old(name, Date::MAX))
                .partition(|name| name.starts_with("app"));
            let kept = |most: i64| usize::try_from(most.min(n + 1)).unwrap();
            assert_eq!((app.len(), security.len()), (kept(7), kept(400)), "day {n}");
            let oldest = format!("app-{}.jsonl", day_of(day((n - 6).max(0))));
            assert_eq!(app.first(), Some(&oldest));
        }
        assert_eq!(read(folder, "app-2025-01-01.jsonl.gz"), "mine");
        assert_eq!(names(folder).len(), 7 + 400 + 4);

        // Set back, nothing goes; what is of a day to come stays.
        assert_eq!(remove_old(folder, at("2016-01-01T00:00:00Z")).unwrap(), 0);
        // And with a jump by ten years everything does.
        assert_eq!(remove_old(folder, at("2037-01-01T00:00:00Z")).unwrap(), 407);
        assert_eq!(names(folder).len(), 4);
    }

    #[test]
    fn what_cannot_be_written_is_told_once_and_goes_on_by_itself() {
        let home = tempfile::tempdir().unwrap();
        let folder = home.path().join("logs");
        // A file in the place of the folder: nobody can write there, not even root.
        fs::write(&folder, "").unwrap();
        let files = Files::below(&folder);
        let now = at("2026-11-23T00:00:00Z");
        assert!(matches!(files.write(Kind::App, now, "one"), Written::NoMore(_)));
        assert!(matches!(files.write(Kind::App, now, "two"), Written::Not));
        assert!(matches!(files.write(Kind::Security, now, "safe"), Written::NoMore(_)));
        fs::remove_file(&folder).unwrap();
        assert!(matches!(files.write(Kind::App, now, "three"), Written::Again(2)));
        assert!(matches!(files.write(Kind::App, now, "four"), Written::Yes));
        assert_eq!(read(&folder, "app-2026-11-23.jsonl"), "three\nfour\n");
    }

    #[test]
    fn a_disk_that_was_full_in_the_middle_of_a_line_joins_no_two() {
        let home = tempfile::tempdir().unwrap();
        let files = Files::below(home.path());
        let now = at("2026-11-23T00:00:00Z");
        files.write(Kind::App, now, "half");
        let mut day = files.app.lock().unwrap();
        day.is_torn = true;
        drop(day);
        files.write(Kind::App, now, "whole");
        files.write(Kind::App, now, "next");
        assert_eq!(read(home.path(), "app-2026-11-23.jsonl"), "half\n\nwhole\nnext\n");
        // A disk that is always full.
        let full = Files::below(home.path());
        let open = OpenOptions::new().append(true).open("/dev/full").unwrap();
        full.app.lock().unwrap().open = Some((day_of(now), open));
        let Written::NoMore(error) = full.write(Kind::App, now, "lost") else { panic!("written") };
        assert_eq!(error.kind(), io::ErrorKind::StorageFull);
    }

    #[test]
    fn a_file_that_somebody_removed_is_begun_anew() {
        let home = tempfile::tempdir().unwrap();
        let folder = home.path().join("logs");
        let files = Files::below(&folder);
        let now = at("2026-11-23T00:00:00Z");
        files.write(Kind::App, now, "one");
        fs::remove_dir_all(&folder).unwrap();
        files.write(Kind::App, now, "two");
        assert_eq!(read(&folder, "app-2026-11-23.jsonl"), "two\n");
    }
}
