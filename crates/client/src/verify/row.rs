//! A line of JSON that is a row: names and plain values, each name once.
//!
//! A name that stands twice would be read in two ways by two programs, so it is refused.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::fmt;
use std::marker::PhantomData;

use serde::Deserialize;
use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserializer, Error, MapAccess, SeqAccess, Visitor};

/// Rows with more columns are not read.
const MOST_COLUMNS: usize = 200;

/// A row of a table.
#[derive(Debug)]
pub(super) struct Row<'a>(Vec<(Cow<'a, str>, Cell<'a>)>);

/// A value of a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Cell<'a> {
    Null,
    Flag(bool),
    Int(i64),
    Text(Cow<'a, str>),
    /// `{"erased":true}`: a text whose words are gone.
    Erased,
    /// What no column holds: fractions, lists, other objects.
    Other,
}

impl<'a> Row<'a> {
    pub(super) fn parse(line: &'a str) -> Option<Self> {
        serde_json::from_str(line).ok()
    }

    pub(super) fn get(&self, column: &str) -> Option<&Cell<'a>> {
        self.0.iter().find(|(name, _)| name == column).map(|(_, cell)| cell)
    }

    pub(super) fn columns(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|(name, _)| &**name)
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Row<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Columns;
        impl<'de> Visitor<'de> for Columns {
            type Value = Row<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a row")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Row<'de>, A::Error> {
                let mut columns: Vec<(Cow<'de, str>, Cell<'de>)> = Vec::with_capacity(16);
                while let Some(Text(name)) = map.next_key()? {
                    let is_twice = columns.iter().any(|(other, _)| *other == name);
                    if is_twice || columns.len() >= MOST_COLUMNS {
                        return Err(A::Error::custom(
                            "a column stands twice, or there are too many",
                        ));
                    }
                    columns.push((name, map.next_value()?));
                }
                Ok(Row(columns))
            }
        }
        deserializer.deserialize_map(Columns)
    }
}

/// A text, borrowed where it has no escapes.
#[derive(Debug)]
pub(super) struct Text<'a>(pub(super) Cow<'a, str>);

impl<'de: 'a, 'a> Deserialize<'de> for Text<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match Cell::deserialize(deserializer)? {
            Cell::Text(text) => Ok(Self(text)),
            _ => Err(D::Error::custom("not a text")),
        }
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Cell<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Cells)
    }
}

struct Cells;

impl<'de> Visitor<'de> for Cells {
    type Value = Cell<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E>(self) -> Result<Cell<'de>, E> {
        Ok(Cell::Null)
    }

    fn visit_bool<E>(self, flag: bool) -> Result<Cell<'de>, E> {
        Ok(Cell::Flag(flag))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Cell<'de>, E> {
        Ok(Cell::Int(number))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Cell<'de>, E> {
        Ok(i64::try_from(number).map_or(Cell::Other, Cell::Int))
    }

    fn visit_f64<E>(self, _: f64) -> Result<Cell<'de>, E> {
        Ok(Cell::Other)
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Cell<'de>, E> {
        Ok(Cell::Text(Cow::Borrowed(text)))
    }

    fn visit_str<E>(self, text: &str) -> Result<Cell<'de>, E> {
        Ok(Cell::Text(Cow::Owned(text.to_owned())))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Cell<'de>, A::Error> {
        // Nothing of it is kept, but what has two readings makes no row at any depth.
        while seq.next_element::<Cell<'de>>()?.is_some() {}
        Ok(Cell::Other)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Cell<'de>, A::Error> {
        let mut is_erased = false;
        let mut names = BTreeSet::new();
        while let Some(Text(name)) = map.next_key()? {
            // Nothing of it is read but whether it is `true`.
            let value: Cell<'de> = map.next_value()?;
            is_erased = name == "erased" && value == Cell::Flag(true);
            if !names.insert(name) {
                return Err(A::Error::custom("a name stands twice"));
            }
        }
        Ok(if is_erased && names.len() == 1 { Cell::Erased } else { Cell::Other })
    }
}

/// A value with named fields, and never one whose fields are told by their places.
#[derive(Debug, Default)]
pub(super) struct Named<T>(pub(super) T);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Named<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Fields<T>(PhantomData<T>);
        impl<'de, T: Deserialize<'de>> Visitor<'de> for Fields<T> {
            type Value = T;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("named fields")
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<T, A::Error> {
                T::deserialize(MapAccessDeserializer::new(map))
            }
        }
        deserializer.deserialize_map(Fields(PhantomData)).map(Named)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_is_read_in_one_way() {
        let line = r#"{"id":"x","n":-3,"big":18446744073709551615,"f":1.5,"no":null,"yes":true,"gone":{"erased":true},"other":{"erased":true,"x":[1]},"list":[{}],"a\"b":"\u00e9"}"#;
        let row = Row::parse(line).unwrap();
        let text = |text: &str| Cell::Text(Cow::Owned(text.to_owned()));
        let expected = [
            ("id", text("x")),
            ("n", Cell::Int(-3)),
            ("big", Cell::Other),
            ("f", Cell::Other),
            ("no", Cell::Null),
            ("yes", Cell::Flag(true)),
            ("gone", Cell::Erased),
            ("other", Cell::Other),
            ("list", Cell::Other),
            ("a\"b", text("é")),
        ];
        for (column, cell) in expected {
            assert_eq!(row.get(column), Some(&cell), "{column}");
        }
        assert_eq!(row.columns().count(), 10);
    }

    #[test]
    fn what_has_two_readings_is_none() {
        for line in [
            r#"{"a":1,"a":2}"#,
            r#"{"a":1} x"#,
            "[]",
            "",
            "{",
            r#"{"a":1,"\u0061":2}"#,
            r#"{"a":{"b":1,"b":1}}"#,
            r#"{"a":[{"b":{"c":1,"c":2}}]}"#,
            r#"{"a":[["\ud800"]]}"#,
        ] {
            assert!(Row::parse(line).is_none(), "{line}");
        }
        // The limit is that of the docs: the row itself is the first level.
        for (open, close) in [("[", "]"), ("{\"b\":", "}")] {
            let nested = |depth: usize| {
                let (open, close) = (open.repeat(depth), close.repeat(depth));
                format!("{{\"a\":{open}null{close}}}")
            };
            assert_eq!(Row::parse(&nested(126)).unwrap().get("a"), Some(&Cell::Other));
            for depth in [127, 128, 100_000] {
                assert!(Row::parse(&nested(depth)).is_none(), "{depth}");
            }
        }
        let deep = format!("{}1{}", "{\"a\":".repeat(100_000), "}".repeat(100_000));
        assert!(Row::parse(&deep).is_none());
    }
}
