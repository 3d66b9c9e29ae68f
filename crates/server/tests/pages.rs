//! Every page renders on sample data and keeps the rules that all pages share. The pages and their
//! assets are written to `target/tmp/ui-preview`, to be looked at and to be tried by the browser tests.

#![expect(clippy::unwrap_used, reason = "what fails here fails the test")]
#![expect(clippy::too_many_lines, reason = "sample data, one page after another")]

#[path = "pages/html.rs"]
mod html;
#[path = "pages/samples/mod.rs"]
mod samples;

use std::{fs, path::Path};

#[test]
fn every_page_keeps_the_rules() {
    for (name, page) in samples::all() {
        assert_eq!(html::problems(&page), Vec::<String>::new(), "{name}");
    }
}

#[test]
fn what_people_type_stays_text() {
    let hostile = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>";
    for (name, page) in samples::with_words(hostile) {
        assert!(!page.contains("<script>alert"), "{name}");
        assert!(!page.contains("<img"), "{name}");
        assert!(page.contains("&#60;script&#62;"), "{name} shows it");
        assert_eq!(html::problems(&page), Vec::<String>::new(), "{name}");
    }
}

#[test]
fn a_preview_is_written() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("ui-preview");
    for (name, page) in samples::all() {
        write(&folder.join(format!("{name}.html")), page.as_bytes());
    }
    let assets = server::assets::folder().trim_start_matches('/');
    for asset in server::assets::all() {
        write(&folder.join(assets).join(asset.path), asset.bytes);
    }
}

#[test]
fn the_sprite_has_every_icon_that_is_used() {
    let sprite = server::assets::find("icons.svg").unwrap().bytes;
    let sprite = std::str::from_utf8(sprite).unwrap();
    for (name, page) in samples::all() {
        for rest in page.split("icons.svg#").skip(1) {
            let icon = rest.split('"').next().unwrap();
            assert!(sprite.contains(&format!("id=\"{icon}\"")), "{name}: {icon}");
        }
    }
}

fn write(path: &Path, bytes: &[u8]) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, bytes).unwrap();
}
