//! Tags in one line, also such as are made by it.

use app::{
    Error,
    tag::list_tags,
    time_entry::{MayMake, add_quick_entry},
};
use testkit::{World, both};

use crate::steps::{read, write};

#[test]
fn a_tag_that_a_line_makes_is_one_however_it_is_written() {
    both(async |world: World| {
        let names = async || {
            let tags = read(&world, "member", list_tags).await.unwrap();
            let mut names: Vec<_> = tags.into_iter().map(|tag| tag.name.clone()).collect();
            names.sort();
            names
        };
        for (line, tags, known) in [
            ("15m #New #new #NEW a", 1, vec!["New"]),
            // What is there by now is found as ever.
            ("15m #new #\"big tag\" #big-tag b", 2, vec!["New", "big tag"]),
            ("15m #\"Big Tag\" #other #Other c", 2, vec!["New", "big tag", "other"]),
        ] {
            let nothing = MayMake::default();
            let asked =
                write(&world, "member", move |op| add_quick_entry(op, None, line, nothing, None));
            let Err(Error::Invalid(fields)) = asked.await else { panic!("{line}") };
            assert_eq!(fields.0[0].code, "unknown_tag", "{line}");
            let tag = MayMake { tags: true, project: false };
            let added =
                write(&world, "member", move |op| add_quick_entry(op, None, line, tag, None));
            let entry = added.await.unwrap().into_inner();
            assert_eq!(entry.tags.len(), tags, "{line}");
            assert_eq!(names().await, known, "{line}");
        }
    });
}

/// More tags than an entry can have are refused before one of them is made.
#[test]
fn a_line_makes_no_more_tags_than_an_entry_has() {
    both(async |world: World| {
        let tag = MayMake { tags: true, project: false };
        let line = |count: usize| {
            let tags: Vec<String> = (0..count).map(|n| format!("#t{n} #T{n}")).collect();
            format!("15m {}", tags.join(" "))
        };
        let add = async |count: usize| {
            let line = line(count);
            write(&world, "member", move |op| add_quick_entry(op, None, &line, tag, None)).await
        };
        let Err(Error::Invalid(fields)) = add(21).await else { panic!("21 tags") };
        assert_eq!((fields.0[0].field, fields.0[0].code), ("text", "too_many"));
        assert!(read(&world, "member", list_tags).await.unwrap().is_empty());
        assert_eq!(add(20).await.unwrap().into_inner().tags.len(), 20);
        // Those that are there count as well.
        let Err(Error::Invalid(fields)) = add(21).await else { panic!("21 tags") };
        assert_eq!((fields.0[0].field, fields.0[0].code), ("text", "too_many"));
        assert_eq!(read(&world, "member", list_tags).await.unwrap().len(), 20);
    });
}
