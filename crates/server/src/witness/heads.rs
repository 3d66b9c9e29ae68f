//! The heads that a witness has seen, one of each log, and the one way a new one comes in.
//!
//! A head is a note with the log's signatures and the witness's own, in a file of the log: so a file that was
//! damaged is found by its signature. A log whose head is missing is no new log: the names of all that have
//! one are kept aside. In doubt the witness does not start: one that begins anew would cosign a log that was
//! rolled back.

use std::{
    collections::BTreeMap,
    io,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use anyhow::{Context, bail};
use app::clock::Clock;
use ledger::{
    Checkpoint, Note, Signer, Sum, Verifier,
    note::Signature,
    witness::{AddCheckpoint, Declined, Seen},
};

use super::folder::Folder;

/// The names of the logs that have a head.
pub(super) const INDEX: &str = "logs";

/// So far, in seconds, a clock may go back: the time of the cosignature before is taken then.
const MOST_BACK_S: u64 = 300;

/// A witness at work.
pub struct Witness {
    signer: Signer,
    logs: Vec<Verifier>,
    folder: Folder,
    clock: Arc<dyn Clock>,
    /// By the names of the logs. Held while a head comes in, so that no two cross.
    heads: Mutex<BTreeMap<String, Head>>,
}

/// The last head of a log.
#[derive(Debug, Clone)]
struct Head {
    seen: Seen,
    /// When it was cosigned, in seconds since 1970.
    time: u64,
    note: Note,
}

/// Why a head was not cosigned.
#[derive(Debug, thiserror::Error)]
pub enum NotAdded {
    /// The rules of `tlog-witness` forbid it.
    #[error(transparent)]
    Declined(#[from] Declined),
    /// It could not be kept, so nothing was said of it.
    #[error("the head cannot be kept: {0}")]
    NotKept(#[from] io::Error),
    /// This clock has gone back: what would be said of now was said of later.
    #[error("the clock of the witness was set back by {0} seconds")]
    ClockBack(u64),
    /// It does not fit into a note, with our signature.
    #[error("the head has too many signatures")]
    TooLong,
}

impl Witness {
    /// Reads what was seen, whole or not at all.
    pub(super) fn open(
        folder: Folder,
        signer: Signer,
        logs: Vec<Verifier>,
        clock: Arc<dyn Clock>,
    ) -> anyhow::Result<Self> {
        let index = folder.path(INDEX).display().to_string();
        let known = folder.read(INDEX).with_context(|| index.clone())?;
        let Some(known) = known else { bail!(unlisted(&index)) };
        let mut heads = BTreeMap::new();
        for origin in known.lines().chain(logs.iter().map(Verifier::name)) {
            let name = file_of(origin);
            let place = folder.path(&name).display().to_string();
            match folder.read(&name).with_context(|| place.clone())? {
                Some(text) => {
                    let head = read(&text, origin, &signer);
                    heads.insert(origin.to_owned(), head.with_context(|| damaged(&place))?);
                }
                None if known.lines().any(|known| known == origin) => {
                    bail!(missing(origin, &place))
                }
                None => {}
            }
        }
        Ok(Self { signer, logs, folder, clock, heads: Mutex::new(heads) })
    }

    /// Its public key.
    pub fn verifier(&self) -> &Verifier {
        self.signer.verifier()
    }

    /// The names of the logs it cosigns, with the size of the last head of each.
    pub fn logs(&self) -> Vec<(String, u64)> {
        let heads = self.lock();
        let size = |name: &str| heads.get(name).map_or(0, |head| head.seen.size);
        self.logs.iter().map(|key| (key.name().to_owned(), size(key.name()))).collect()
    }

    /// Cosigns the head that a request brings, if it goes on from the last one: the line of the answer.
    /// Blocks until it is kept.
    ///
    /// Errors: [`NotAdded`]; then nothing was cosigned.
    pub fn add(&self, body: &str) -> Result<String, NotAdded> {
        let asked = AddCheckpoint::parse(body)?;
        let origin = asked.checkpoint()?.origin().to_owned();
        let keys: Vec<Verifier> =
            self.logs.iter().filter(|key| key.name() == origin).cloned().collect();
        if keys.is_empty() {
            return Err(Declined::UnknownLog.into());
        }
        let mut heads = self.lock();
        let last = heads.get(&origin);
        let seen = asked.judge(&keys, last.map(|head| head.seen).unwrap_or_default())?;
        let time = self.time_after(last.map_or(0, |head| head.time))?;
        let signature = asked.cosign(&self.signer, time);
        let note = cosigned(&asked, &keys, signature.clone())?;
        self.keep(&origin, &note)?;
        heads.insert(origin, Head { seen, time, note });
        Ok(format!("{signature}\n"))
    }

    /// The last head of a log, by [its word](log_word): what was cosigned, for whoever looks.
    pub fn last(&self, word: &str) -> Option<String> {
        let heads = self.lock();
        let found = heads.iter().find(|(origin, _)| log_word(origin) == word);
        found.map(|(_, head)| head.note.to_string())
    }

    /// What is said of a time is not taken back: a clock that goes back a little waits.
    fn time_after(&self, last: u64) -> Result<u64, NotAdded> {
        let now = u64::try_from(self.clock.now().as_second()).unwrap_or(0);
        match last.saturating_sub(now) {
            back if back > MOST_BACK_S => Err(NotAdded::ClockBack(back)),
            _ => Ok(now.max(last)),
        }
    }

    /// The name comes after the head: who stops in between has a head too many, and not one too few.
    fn keep(&self, origin: &str, note: &Note) -> io::Result<()> {
        self.folder.write(&file_of(origin), &note.to_string())?;
        let known = self.folder.read(INDEX)?.ok_or(io::ErrorKind::NotFound)?;
        if !known.lines().any(|known| known == origin) {
            self.folder.write(INDEX, &format!("{known}{origin}\n"))?;
        }
        Ok(())
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, Head>> {
        // What is in it was kept: whoever panicked had not got so far.
        self.heads.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The word by which a log is asked for: SHA-256 of its name, in hexadecimal.
pub(crate) fn log_word(origin: &str) -> String {
    let mut sum = Sum::new();
    sum.update(origin.as_bytes());
    sum.hex()
}

fn file_of(origin: &str) -> String {
    format!("{}.head", log_word(origin))
}

/// The head with the signatures that were checked, and ours.
fn cosigned(asked: &AddCheckpoint, keys: &[Verifier], own: Signature) -> Result<Note, NotAdded> {
    let is_known = |one: &&Signature| keys.iter().any(|key| key.is_named_by(one));
    let logs = asked.head.signatures().iter().filter(is_known).cloned();
    let signatures = logs.chain([own]).collect();
    Note::new(asked.head.text().to_owned(), signatures).map_err(|_| NotAdded::TooLong)
}

fn read(text: &str, origin: &str, signer: &Signer) -> anyhow::Result<Head> {
    let note = Note::parse(text)?;
    let checkpoint = Checkpoint::parse(note.text())?;
    if checkpoint.origin() != origin {
        bail!("it is of the log {}", checkpoint.origin());
    }
    let signed = note.check(&[signer.verifier().clone()])?;
    let time = signed.witnesses.first().map(|(_, time)| *time).context("it is not cosigned")?;
    let seen = Seen { size: checkpoint.size(), root: checkpoint.root() };
    Ok(Head { seen, time, note })
}

fn damaged(place: &str) -> String {
    format!("{place} is damaged: put it back as it was. A witness does not begin anew")
}

fn unlisted(place: &str) -> String {
    format!(
        "{place}, the list of the logs that it has seen, is missing: put it back as it was. A witness does \
         not begin anew."
    )
}

fn missing(origin: &str, place: &str) -> String {
    format!(
        "{place}, the last head of the log {origin}, is missing: put it back as it was. A witness does not \
         begin anew."
    )
}
