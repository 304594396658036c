//! Figure ids: the name by which one figure of a pack's tables is known for good.
//!
//! An id is `table.row.field`, such as `schemes.S01.outturn`. The row is what the table's key fields
//! say, joined by `~` (`risk_share.INTEGRATED~BCC.share`), and `total` in a sum of rows. An id depends
//! on nothing else, so that it stays where rows are added or put in another order, and it holds only
//! letters, digits and `_ . ~ -`, so that it can stand in an address as it is.
//!
//! Ids are built only when they are asked for: a pack is drawn without them.

use super::{
    Composed,
    table::{DataRow, DataRowKind, DataTable, Field, FieldKind},
    value::{Show, Value, capital},
};
use crate::figures::agreement::AreaPlan;
use std::{collections::HashMap, fmt::Write};

/// What a sum of rows is called in ids.
pub(in crate::packs) const TOTAL: &str = "total";

/// One figure, where it stands.
#[derive(Clone, Copy, Debug)]
pub struct Located<'t, 'a> {
    pub table: &'t DataTable<'a>,
    pub row: &'t DataRow<'a>,
    pub field: &'t Field,
    pub value: &'t Value<'a>,
}

impl<'a> Composed<'a> {
    /// Every figure with its id, in the order of the pack.
    pub fn figures(&self) -> impl Iterator<Item = (String, Located<'_, 'a>)> {
        self.tables.iter().flat_map(DataTable::figures)
    }

    /// The figure with this id; none where the pack has no such figure.
    pub fn figure(&self, id: &str) -> Option<Located<'_, 'a>> {
        let (table, rest) = id.split_once('.')?;
        let (row, field) = rest.rsplit_once('.')?;
        let table = self.table(table)?;
        let field = table.fields.iter().position(|candidate| encoded(&candidate.name) == field)?;
        let row = table.row_keys().iter().position(|key| key == row)?;
        table.located(&table.rows[row], field)
    }

    /// The name of a figure's row for a reader, such as `Falls service` or `Integrated care, British Red Cross`.
    pub fn row_words(&self, at: &Located<'_, '_>) -> String {
        self.named(at.table.names.iter().filter_map(|name| {
            let value = at.row.values.get(at.table.field_index(name)?)?;
            Some((*name, value.clone()))
        }))
    }

    /// The name of a row for a reader, by its fields that name it.
    pub(in crate::packs) fn named<'n>(&self, fields: impl Iterator<Item = (&'n str, Value<'n>)>) -> String {
        let words = fields.filter_map(|(name, value)| {
            let own = value.plain();
            let named = match (name, &value) {
                ("measure_id", _) => self.name_of(&own, |plan, id| {
                    Some(&plan.measures.iter().find(|measure| measure.id == id)?.name)
                }),
                ("pool_id", _) => {
                    self.name_of(&own, |plan, id| Some(&plan.pools.iter().find(|pool| pool.id == id)?.name))
                }
                ("segment_id", _) => self.name_of(&own, |plan, id| {
                    Some(&plan.segments.iter().find(|segment| segment.id == id)?.name)
                }),
                ("year", _) => own.replace('-', "/"),
                (_, Value::Month(month)) => month.name(),
                (_, _) => value.shown(Show::Plain),
            };
            Some(named).filter(|words| !words.is_empty())
        });
        words.collect::<Vec<_>>().join(", ")
    }

    /// What the plan calls the thing of this id.
    fn name_of(&self, id: &str, name: impl Fn(&'a AreaPlan, &str) -> Option<&'a String>) -> String {
        name(self.source().plan, id).cloned().unwrap_or_else(|| id.to_owned())
    }
}

impl<'a> DataTable<'a> {
    /// The table's figures with their ids, row by row.
    pub fn figures(&self) -> impl Iterator<Item = (String, Located<'_, 'a>)> {
        self.rows.iter().zip(self.row_keys()).flat_map(move |(row, key)| {
            let located = (0..self.fields.len()).filter_map(move |field| self.located(row, field));
            located.map(move |located| (self.figure_id(&key, located.field), located))
        })
    }

    /// The id of the figure of a row with this key.
    pub fn figure_id(&self, row_key: &str, field: &Field) -> String {
        let mut id = String::with_capacity(self.name.len() + row_key.len() + field.name.len() + 2);
        for part in [self.name, ".", row_key, "."] {
            id.push_str(part);
        }
        push_encoded(&mut id, &field.name);
        id
    }

    /// What each row is called in ids, in the table's order.
    ///
    /// Rows whose key fields say the same are told apart by a number.
    pub fn row_keys(&self) -> Vec<String> {
        let fields: Vec<usize> = self.key.iter().filter_map(|name| self.field_index(name)).collect();
        let mut keys: Vec<String> = self.rows.iter().map(|row| row_key(row, &fields)).collect();
        let mut sorted: Vec<&str> = keys.iter().map(String::as_str).collect();
        sorted.sort_unstable();
        if sorted.windows(2).all(|pair| pair[0] != pair[1]) {
            return keys;
        }
        let mut met: HashMap<String, u32> = HashMap::with_capacity(keys.len());
        for key in &mut keys {
            let times = met.entry(key.clone()).or_default();
            *times += 1;
            if *times > 1 {
                key.push_str(&format!("~{times}"));
            }
        }
        keys
    }

    /// The figure of a row in this field; none where the field names the row, or a sum leaves it empty.
    pub fn located<'t>(&'t self, row: &'t DataRow<'a>, field: usize) -> Option<Located<'t, 'a>> {
        let (value, field) = (&row.values[field], &self.fields[field]);
        let is_empty = matches!(value, Value::Text(words) if words.is_empty());
        let is_figure =
            field.kind != FieldKind::Text && !self.key.contains(&field.name.as_ref()) && !is_empty;
        is_figure.then_some(Located { table: self, row, field, value })
    }
}

impl Field {
    /// The column's name for a reader: `Budget full year`.
    pub fn words(&self) -> String {
        match self.name.as_ref() {
            "rag" => "Status".into(),
            "latest_rag" => "Latest status".into(),
            name if self.meaning == PARTNER_COLUMN => name.to_owned(),
            name => capital(&name.replace('_', " ")),
        }
    }
}

/// What the columns mean that are called by a partner's id.
pub(super) const PARTNER_COLUMN: &str = "The partner with this id";

/// The id of a figure whose row's key fields say `key`.
pub(in crate::packs) fn id_of(table: &str, key: &[&str], field: &str) -> String {
    let mut id = format!("{table}.");
    for (place, part) in key.iter().enumerate() {
        if place > 0 {
            id.push('~');
        }
        push_encoded(&mut id, part);
    }
    id.push('.');
    push_encoded(&mut id, field);
    id
}

fn row_key(row: &DataRow<'_>, fields: &[usize]) -> String {
    let mut key = String::new();
    for (place, &field) in fields.iter().enumerate() {
        if place > 0 {
            key.push('~');
        }
        let words = row.values[field].plain();
        match row.kind {
            DataRowKind::Total if words.is_empty() => key.push_str(TOTAL),
            DataRowKind::Total | DataRowKind::Body | DataRowKind::FirstOf(_) => {
                push_encoded(&mut key, &words)
            }
        }
    }
    key
}

fn encoded(words: &str) -> String {
    let mut out = String::with_capacity(words.len());
    push_encoded(&mut out, words);
    out
}

/// Letters, digits, `_` and `-` as they are, a space as `-`, and any other byte as `~~` and two digits.
fn push_encoded(out: &mut String, words: &str) {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
    if words.bytes().all(is_plain) {
        return out.push_str(words);
    }
    for byte in words.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'_' | b'-' => out.push(char::from(byte)),
            b' ' => out.push('-'),
            other => write!(out, "~~{other:02x}").expect("a string takes any text"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{figures::money::Pence, packs::compose::table::field};

    fn table(ids: &[&'static str]) -> DataTable<'static> {
        let fields = vec![
            field("scheme_id", FieldKind::Text, ""),
            field("scheme", FieldKind::Text, ""),
            field("outturn", FieldKind::Money, ""),
        ];
        let mut table = DataTable::new("schemes", "", fields).keyed_by(&["scheme_id"], &["scheme"]);
        for id in ids {
            table.push(vec![Value::text(id), Value::text("A scheme"), Value::Money(Pence(1))]);
        }
        table
            .push_as(DataRowKind::Total, vec![Value::text(""), Value::text("Total"), Value::Money(Pence(2))]);
        table
    }

    fn ids(table: &DataTable<'_>) -> Vec<String> {
        table.figures().map(|(id, _)| id).collect()
    }

    #[test]
    fn only_figures_have_ids_and_a_sum_is_called_total() {
        assert_eq!(
            ids(&table(&["S01", "S02"])),
            ["schemes.S01.outturn", "schemes.S02.outturn", "schemes.total.outturn"]
        );
    }

    #[test]
    fn an_id_stays_where_rows_are_added_or_put_in_another_order() {
        let before = ids(&table(&["S02", "S01"]));
        let after = ids(&table(&["S00", "S01", "S02"]));
        assert!(before.iter().all(|id| after.contains(id)));
    }

    #[test]
    fn an_id_can_stand_in_an_address_whatever_the_plan_calls_its_rows() {
        let strange = ["a/b?c", "a b", "é.~", "S-1_2"];
        assert_eq!(
            ids(&table(&strange))[..4],
            [
                "schemes.a~~2fb~~3fc.outturn",
                "schemes.a-b.outturn",
                "schemes.~~c3~~a9~~2e~~7e.outturn",
                "schemes.S-1_2.outturn"
            ]
        );
    }

    #[test]
    fn rows_that_say_the_same_are_told_apart() {
        assert_eq!(ids(&table(&["S 1", "S-1"]))[..2], ["schemes.S-1.outturn", "schemes.S-1~2.outturn"]);
        assert_eq!(ids(&table(&["total"])), ["schemes.total.outturn", "schemes.total~2.outturn"]);
    }

    #[test]
    fn a_column_is_named_in_words() {
        assert_eq!(field("budget_full_year", FieldKind::Money, "").words(), "Budget full year");
        assert_eq!(field("rag", FieldKind::Judgement, "").words(), "Status");
        let partner = Field { name: "P_1".into(), meaning: PARTNER_COLUMN, kind: FieldKind::Money };
        assert_eq!(partner.words(), "P_1");
    }
}
