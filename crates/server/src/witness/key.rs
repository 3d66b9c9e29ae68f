//! The name and the key of a witness, made at its first start.

use anyhow::{Context, bail};
use base64::{Engine, engine::general_purpose::STANDARD};
use ledger::{
    Signer,
    key::{KEY_BYTES, Kind},
};

use super::{folder::Folder, heads::INDEX};

/// The name, and the seed of the key in base64, a line each.
const FILE: &str = "witness.key";

/// The key of a folder's witness.
///
/// Errors: no name at the first start, or another one later; a file that is not as it was written, or that
/// is missing beside heads: another key would be another witness, that has seen nothing.
pub(super) fn open(
    folder: &Folder,
    name: Option<&str>,
    seed: impl FnOnce() -> [u8; KEY_BYTES],
) -> anyhow::Result<Signer> {
    let place = folder.path(FILE);
    match folder.read(FILE).with_context(|| place.display().to_string())? {
        Some(text) => {
            let signer = read(&text).with_context(|| format!("{} is damaged", place.display()))?;
            let known = signer.verifier().name();
            if name.is_some_and(|name| name != known) {
                bail!(
                    "The witness in this folder is called {known}. Leave --name out, or name \
                       another folder."
                );
            }
            Ok(signer)
        }
        None => make(folder, name, &seed()),
    }
}

fn make(folder: &Folder, name: Option<&str>, seed: &[u8; KEY_BYTES]) -> anyhow::Result<Signer> {
    if folder.read(INDEX)?.is_some_and(|known| !known.is_empty()) {
        bail!(
            "{} is missing: put it back. Without it, what is there cannot be believed.",
            folder.path(FILE).display()
        );
    }
    let Some(name) = name else {
        bail!("Give the witness a name, such as that of its host: --name witness.example.org");
    };
    let signer = Signer::new(name, Kind::Witness, seed)?;
    let text = format!("{name}\n{}\n", STANDARD.encode(seed));
    // Before the key: so one without it has lost what it had seen, and is not new.
    folder.write(INDEX, "").with_context(|| folder.path(INDEX).display().to_string())?;
    folder.write(FILE, &text).with_context(|| folder.path(FILE).display().to_string())?;
    Ok(signer)
}

fn read(text: &str) -> anyhow::Result<Signer> {
    let lines = text.strip_suffix('\n').and_then(|text| text.split_once('\n'));
    let (name, seed) = lines.context("it has not two lines")?;
    let seed: [u8; KEY_BYTES] =
        STANDARD.decode(seed)?.try_into().ok().context("the key has another length")?;
    Ok(Signer::new(name, Kind::Witness, &seed)?)
}
