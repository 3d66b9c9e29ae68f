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
