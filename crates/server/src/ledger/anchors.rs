//! Anchors: folders where heads of the instance's log are kept, and compared with it. A file is written
//! aside and takes its name when it is whole; none is ever overwritten.

use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};

use anyhow::Context;
use app::{
    App,
    ledger::{Anchored, ToAnchor},
};
use jiff::{SignedDuration, Timestamp};

use crate::boot::replace_file;

/// How often a head is kept.
const EVERY: SignedDuration = SignedDuration::from_hours(1);

/// What the names of files begin and end with; epoch and number of leaves stand between, so that the newest
/// is the last by its name.
const NAME: (&str, &str) = ("head-", ".checkpoint");

/// Longer files are no heads.
const MOST_BYTES: u64 = 64 * 1024;

/// The folders.
#[derive(Clone)]
pub(crate) struct Anchors {
    folders: Arc<[PathBuf]>,
    kept_at: Arc<Mutex<Option<Timestamp>>>,
}

impl Anchors {
    /// Those of the configuration.
    pub(crate) fn of(folders: &[PathBuf]) -> Self {
        Self { folders: folders.into(), kept_at: Arc::default() }
    }

    /// Compares the newest head of each folder with the log, and keeps the head there that it has now, if
    /// it is time; in how many folders. One that cannot be reached keeps no other waiting.
    ///
    /// Errors: the last folder that failed; what the directory says.
    pub(crate) async fn attend(&self, app: &App) -> anyhow::Result<usize> {
        let mut outcome = self.compare_all(app).await;
        let now = app.clock().now();
        if !self.is_time(now) {
            return outcome.map(|()| 0);
        }
        let Some(head) = app.head_to_anchor().await? else { return outcome.map(|()| 0) };
        let mut kept = 0;
        for folder in &*self.folders {
            let (folder, head) = (folder.clone(), head.clone());
            let written = tokio::task::spawn_blocking(move || keep(&folder, &head)).await?;
            kept += written.as_ref().map_or(0, |is_new| usize::from(*is_new));
            outcome = outcome.and(written.map(drop));
        }
        if outcome.is_ok() {
            *self.kept_at.lock().unwrap_or_else(PoisonError::into_inner) = Some(now);
        }
        outcome.map(|()| kept)
    }

    /// Compares the newest head of each folder with the log.
    ///
    /// Errors: the first folder that failed; what the directory says.
    pub(crate) async fn compare_all(&self, app: &App) -> anyhow::Result<()> {
        let mut outcome = Ok(());
        for folder in &*self.folders {
            outcome = outcome.and(self.compare(app, folder).await);
        }
        outcome
    }

    /// A clock that was set back is no reason to wait.
    fn is_time(&self, now: Timestamp) -> bool {
        let kept_at = *self.kept_at.lock().unwrap_or_else(PoisonError::into_inner);
        kept_at.is_none_or(|at| at > now || now.duration_since(at) >= EVERY)
    }

    async fn compare(&self, app: &App, folder: &Path) -> anyhow::Result<()> {
        let folder = folder.to_owned();
        let heads = tokio::task::spawn_blocking(move || newest(&folder)).await??;
        for (path, note) in heads {
            match app.compare_anchored(note).await? {
                Anchored::GoesOn | Anchored::Halted => return Ok(()),
                // Of another instance, or damaged: the one before says more.
                Anchored::SaysNothing => {
                    tracing::debug!(path = %path.display(), "an anchored head says nothing");
                }
            }
        }
        Ok(())
    }
}

/// How many heads of a folder are looked at, from the newest on.
const MOST_LOOKED_AT: usize = 20;

/// The newest heads of a folder, by their names.
pub(crate) fn newest(folder: &Path) -> anyhow::Result<Vec<(PathBuf, String)>> {
    let named = || format!("the anchor {}", folder.display());
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries.with_context(named)?,
    };
    let mut paths = Vec::new();
    for entry in entries {
        let path = entry.with_context(named)?.path();
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        if name.starts_with(NAME.0) && name.ends_with(NAME.1) {
            paths.push(path);
        }
    }
    paths.sort_unstable_by(|one, other| other.cmp(one));
    paths.truncate(MOST_LOOKED_AT);
    Ok(paths.into_iter().filter_map(|path| read(&path).map(|note| (path, note))).collect())
}

fn read(path: &Path) -> Option<String> {
    let is_small = fs::metadata(path).is_ok_and(|file| file.len() <= MOST_BYTES);
    let note = is_small.then(|| fs::read_to_string(path).ok()).flatten();
    if note.is_none() {
        tracing::warn!(path = %path.display(), "an anchored head cannot be read");
    }
    note
}

/// Keeps a head; whether it was not there. A folder that is not there is not made: a disk that is not
/// mounted keeps nothing.
fn keep(folder: &Path, head: &ToAnchor) -> anyhow::Result<bool> {
    let named = || format!("the anchor {}", folder.display());
    let name = format!("{}{:010}-{:020}{}", NAME.0, head.epoch, head.size, NAME.1);
    if folder.join(&name).try_exists().with_context(named)? {
        return Ok(false);
    }
    replace_file(&folder.join(name), head.note.as_bytes()).with_context(named)?;
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A log that goes on in an epoch may be shorter than it was: its heads are the newer ones.
    #[test]
    fn the_newest_head_is_of_the_latest_epoch() {
        let folder = tempfile::tempdir().unwrap();
        let head = |epoch, size| {
            let note = format!("{epoch}/{size}");
            keep(folder.path(), &ToAnchor { epoch, size, note }).unwrap()
        };
        for (epoch, size) in [(1, 9), (1, 10), (2, 7), (2, 10)] {
            assert!(head(epoch, size));
            assert!(!head(epoch, size), "none is written twice");
        }
        let kept = newest(folder.path()).unwrap();
        let notes: Vec<&str> = kept.iter().map(|(_, note)| note.as_str()).collect();
        assert_eq!(notes, ["2/10", "2/7", "1/10", "1/9"]);
    }
}
