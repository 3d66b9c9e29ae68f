//! What operations ask of the keyring, and what they answer while it cannot be used.

use app::{
    Trouble,
    paging::{Asked, by_name},
    tag::list_tags,
};
use domain::text::EmailAddress;
use testkit::{World, both};
use vault::{KeyKind, encode_base64url};

use crate::steps::{outcome, read};

/// Reading the keyring takes its lock and a disk: not for an id that somebody wrote into a cursor.
#[test]
fn a_made_up_cursor_has_no_keyring_read() {
    both(async |world: World| {
        let owner = [9; 16];
        let beside = world.another_vault().create_key(KeyKind::Member, owner).unwrap();
        let id = beside.get().to_be_bytes();
        let sealed = [&[0; 16][..], &[1], &id, &[0; 40]].concat();
        let cursor = encode_base64url(&sealed);
        let page = read(&world, "member", move |op| {
            let asked = Asked::new("tags", Some(cursor.clone()), 10);
            let tags = list_tags(op)?;
            by_name(op, &asked, tags, |tag| (tag.name.as_str(), tag.id))
        });
        assert_eq!(outcome(&page.await), "cursor.invalid");
        assert_eq!(world.app.vault().key_for(KeyKind::Member, owner), None, "it was read again");
    });
}

#[test]
fn a_keyring_that_cannot_be_written_is_trouble_with_its_cause_and_no_bug() {
    both(async |world: World| {
        let copies = world.app.vault().copies();
        let folder = copies[1].strip_prefix("folder ").unwrap();
        std::fs::remove_dir_all(folder).unwrap();
        std::fs::write(folder, "not a folder").unwrap();
        let address = EmailAddress::parse("new@example.org").unwrap();
        let made = world.app.find_or_create_person(world.app.new_request(), address).await;
        let error = made.unwrap_err();
        assert_eq!(error.trouble(), Trouble::Unavailable, "{error}");
        let text = error.to_string();
        assert!(text.contains(folder) && text.contains("os error"), "{text}");
    });
}
