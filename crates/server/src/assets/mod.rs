//! What pages load besides themselves: one style sheet, small modules, icons, a font.
//!
//! All of it is in the program. Addresses carry a hash of the whole ([`folder`]), so a browser may
//! keep a file for a year, and relative addresses inside (modules, the font) stay right.

use std::{
    hash::{DefaultHasher, Hash, Hasher},
    sync::LazyLock,
};

/// A file under [`folder`].
#[derive(Debug, Clone, Copy)]
pub struct Asset {
    /// Its address below the folder, such as `js/main.js`.
    pub path: &'static str,
    /// Its media type.
    pub content_type: &'static str,
    /// What is in it.
    pub bytes: &'static [u8],
}

/// The style sheet: the files of `css/`, in the order of their layers.
const CSS: &str = concat!(
    include_str!("css/_layers.css"),
    include_str!("css/tokens.css"),
    include_str!("css/base.css"),
    include_str!("css/layout.css"),
    include_str!("css/components/button.css"),
    include_str!("css/components/chip.css"),
    include_str!("css/components/card.css"),
    include_str!("css/components/entries.css"),
    include_str!("css/components/timer.css"),
    include_str!("css/components/form.css"),
    include_str!("css/components/table.css"),
    include_str!("css/components/chart.css"),
    include_str!("css/components/notice.css"),
);

macro_rules! modules {
    ($($path:literal),* $(,)?) => {
        &[$(Asset {
            path: concat!("js/", $path),
            content_type: "text/javascript; charset=utf-8",
            bytes: include_bytes!(concat!("js/", $path)),
        }),*]
    };
}

/// The modules, in the order in which they are needed.
const MODULES: &[Asset] = modules![
    "main.js",
    "autofill.js",
    "bind.js",
    "http.js",
    "keyboard.js",
    "morph.js",
    "options.js",
    "reading.js",
    "served.js",
    "sha256.js",
    "webauthn.js",
    "behaviours/autosubmit.js",
    "behaviours/copy.js",
    "behaviours/dismiss.js",
    "behaviours/forms.js",
    "behaviours/length-echo.js",
    "behaviours/live.js",
    "behaviours/menu.js",
    "behaviours/newer.js",
    "behaviours/open-in-place.js",
    "behaviours/passkey.js",
    "behaviours/password-meter.js",
    "behaviours/puzzle.js",
    "behaviours/quick-entry.js",
    "behaviours/running-clock.js",
    "behaviours/save-text.js",
    "behaviours/shortcuts.js",
    "behaviours/show-password.js",
    "behaviours/task-of-project.js",
    "behaviours/zone-of-browser.js",
];

const FILES: &[Asset] = &[
    Asset { path: "app.css", content_type: "text/css; charset=utf-8", bytes: CSS.as_bytes() },
    Asset { path: "icons.svg", content_type: "image/svg+xml", bytes: include_bytes!("icons.svg") },
    Asset { path: "mark.svg", content_type: "image/svg+xml", bytes: include_bytes!("mark.svg") },
    Asset {
        path: "fonts/inter.woff2",
        content_type: "font/woff2",
        bytes: include_bytes!("fonts/inter.woff2"),
    },
    Asset {
        path: "fonts/inter-LICENSE.txt",
        content_type: "text/plain; charset=utf-8",
        bytes: include_bytes!("fonts/inter-LICENSE.txt"),
    },
];

/// Every file.
pub fn all() -> impl Iterator<Item = &'static Asset> {
    FILES.iter().chain(MODULES)
}

/// The file at a path below the folder.
pub fn find(path: &str) -> Option<&'static Asset> {
    all().find(|asset| asset.path == path)
}

/// The folder of this build's files, `/assets/` and a hash of them, without a slash at the end.
pub fn folder() -> &'static str {
    &FOLDER
}

static FOLDER: LazyLock<String> = LazyLock::new(|| {
    let mut hasher = DefaultHasher::new();
    for asset in all() {
        (asset.path, asset.bytes).hash(&mut hasher);
    }
    format!("/assets/{:016x}", hasher.finish())
});

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_module_that_is_imported_is_there() {
        for module in MODULES {
            let text = std::str::from_utf8(module.bytes).unwrap();
            for line in text.lines().filter(|line| line.starts_with("import ")) {
                let name = line.rsplit('"').nth(1).unwrap();
                let name = name.rsplit("./").next().unwrap();
                assert!(MODULES.iter().any(|m| m.path.ends_with(name)), "{}: {name}", module.path);
            }
        }
    }

    #[test]
    fn the_font_is_where_the_style_sheet_looks_for_it() {
        assert!(CSS.contains(r#"url("fonts/inter.woff2")"#));
        assert!(find("fonts/inter.woff2").is_some());
        assert!(folder().starts_with("/assets/"));
    }
}
