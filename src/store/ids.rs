//! The ids of facts as they are read, row after row: kept in place, and looked up among the plan's.

use diesel::{
    backend::Backend,
    deserialize::{self, FromSql, FromSqlRow},
    pg::{Pg, PgValue},
    sql_types::Text,
    sqlite::Sqlite,
};
use std::{
    cell::Cell,
    collections::HashMap,
    hash::{Hash, Hasher},
    str,
};

/// Longer ids are kept elsewhere.
const IN_PLACE: usize = 22;

/// An id as it stands in a row; one of the usual length takes no memory of its own.
#[derive(Clone, Debug, FromSqlRow)]
#[diesel(sql_type = Text)]
pub(super) struct RowId(Kept);

#[derive(Clone, Debug)]
enum Kept {
    InPlace(u8, [u8; IN_PLACE]),
    Elsewhere(Box<str>),
}

impl RowId {
    pub(super) fn new(text: &str) -> RowId {
        match u8::try_from(text.len()) {
            Ok(length) if text.len() <= IN_PLACE => {
                let mut bytes = [0; IN_PLACE];
                bytes[..text.len()].copy_from_slice(text.as_bytes());
                RowId(Kept::InPlace(length, bytes))
            }
            Ok(_) | Err(_) => RowId(Kept::Elsewhere(text.into())),
        }
    }

    /// The same, where it is no id but a few letters.
    pub(super) fn text(&self) -> &str {
        // Only text is ever put in.
        str::from_utf8(self.bytes()).unwrap_or_default()
    }

    fn bytes(&self) -> &[u8] {
        match &self.0 {
            Kept::InPlace(length, bytes) => &bytes[..usize::from(*length)],
            Kept::Elsewhere(text) => text.as_bytes(),
        }
    }
}

impl PartialEq for RowId {
    fn eq(&self, other: &RowId) -> bool {
        self.bytes() == other.bytes()
    }
}

impl Eq for RowId {}

impl Hash for RowId {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.bytes().hash(state);
    }
}

impl FromSql<Text, Sqlite> for RowId {
    fn from_sql(mut value: <Sqlite as Backend>::RawValue<'_>) -> deserialize::Result<RowId> {
        Ok(RowId::new(value.read_text()))
    }
}

impl FromSql<Text, Pg> for RowId {
    fn from_sql(value: PgValue<'_>) -> deserialize::Result<RowId> {
        Ok(RowId::new(str::from_utf8(value.as_bytes())?))
    }
}

/// The plan's ids and where each stands.
pub(super) struct Ids<'a> {
    ids: Vec<&'a [u8]>,
    by_id: HashMap<&'a [u8], u16>,
    /// Where the last stood that was asked for.
    last: Cell<u16>,
}

impl<'a> Ids<'a> {
    pub(super) fn of(ids: impl Iterator<Item = &'a str>) -> Ids<'a> {
        let ids: Vec<&[u8]> = ids.map(str::as_bytes).collect();
        let by_id = ids.iter().copied().zip(0..=u16::MAX).collect();
        Ids { ids, by_id, last: Cell::new(0) }
    }

    pub(super) fn index(&self, id: &RowId) -> Option<u16> {
        let id = id.bytes();
        // Rows mostly name the same as the row before, or the next.
        let last = self.last.get();
        let next = last.wrapping_add(1);
        let is_at = |place: &u16| self.ids.get(usize::from(*place)) == Some(&id);
        let found = [last, next].into_iter().find(is_at).or_else(|| self.by_id.get(id).copied());
        if let Some(place) = found {
            self.last.set(place);
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_found_whatever_was_asked_for_before() {
        let long = "an id that is longer than is usual, and is kept elsewhere";
        let ids = Ids::of(["S001", "S002", "é", "", long].into_iter());
        for (id, place) in [
            ("S001", Some(0)),
            ("S001", Some(0)),
            ("S002", Some(1)),
            (long, Some(4)),
            ("", Some(3)),
            ("S00", None),
            ("é", Some(2)),
            ("S0011", None),
            ("S001", Some(0)),
        ] {
            assert_eq!(ids.index(&RowId::new(id)), place, "{id:?}");
        }
        assert_eq!(Ids::of([].into_iter()).index(&RowId::new("S001")), None);
    }

    #[test]
    fn ids_are_the_same_where_their_letters_are() {
        let (short, long) = ("a".repeat(IN_PLACE), "a".repeat(IN_PLACE + 1));
        for text in [&short, &long] {
            assert_eq!(RowId::new(text), RowId::new(text));
        }
        assert_ne!(RowId::new(&short), RowId::new(&long));
    }
}
