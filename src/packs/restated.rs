//! What a later version of a pack says otherwise than an earlier one.
//!
//! Published packs are known by their files alone, so their tables of open data are compared: row by row
//! by the columns that tell one row from another, column by column. What is the same is left out.

use super::{
    compose::{
        Composed,
        table::{DataTable, Field, FieldKind, field},
        value::{Show, Value},
    },
    data::read,
    difference::{less, merged},
};
use serde::{Serialize, Serializer};
use std::collections::HashMap;

/// The figures that a board looks at first: the table, the part of the pack that it is, its columns.
pub const MAIN: [(&str, &str, &[&str]); 7] = [
    ("scorecard", "Scorecard", &["latest_value", "year_to_date", "rag"]),
    ("partners", "Fund by partner", &["actual_to_date", "outturn", "rag"]),
    ("pools", "Fund by pool", &["actual_to_date", "outturn", "rag"]),
    ("schemes", "Fund by scheme", &["actual_to_date", "outturn", "rag"]),
    ("settlement", "Settlement", &["settlement"]),
    ("segments", "Contract", &["cost", "surplus"]),
    ("incentive", "Incentive", &["earned"]),
];

/// A figure that is not what it was.
#[derive(Clone, Debug, PartialEq, Serialize, schemars::JsonSchema)]
pub struct Restated {
    /// The table's name, such as `schemes`.
    #[serde(skip)]
    pub name: String,
    /// The column's name in the table, such as `outturn`.
    #[serde(skip)]
    pub field: String,
    /// What the table holds, such as `The fund by scheme`.
    pub table: String,
    /// The row's name.
    pub row: String,
    /// The column's name.
    pub column: String,
    /// Empty where the figure is new.
    #[serde(serialize_with = "as_data")]
    #[schemars(with = "String")]
    pub old: Option<Value<'static>>,
    /// Empty where the figure is gone.
    #[serde(serialize_with = "as_data")]
    #[schemars(with = "String")]
    pub new: Option<Value<'static>>,
    /// New less old, where both are numbers.
    #[serde(serialize_with = "as_difference")]
    #[schemars(with = "String")]
    pub difference: Option<Value<'static>>,
}

impl Restated {
    /// The part of the pack that it stands in, such as `Fund by scheme`; none where it is no main figure.
    pub fn main_part(&self) -> Option<&'static str> {
        let main = MAIN.iter().find(|(table, ..)| *table == self.name);
        main.filter(|(.., fields)| fields.contains(&self.field.as_str())).map(|(_, part, _)| *part)
    }

    /// Whether it is an amount of money, before or after.
    pub fn is_money(&self) -> bool {
        [&self.old, &self.new].into_iter().flatten().any(|value| matches!(value, Value::Money(_)))
    }

    /// What it was, what it is, and the one less the other, as a reader is told.
    pub fn shown(&self) -> [String; 3] {
        let side = |value: &Option<Value<'_>>| {
            value.as_ref().map_or_else(|| "not there".to_owned(), |value| value.shown(Show::Plain))
        };
        let difference = self.difference.as_ref().map(Value::signed).unwrap_or_default();
        [side(&self.old), side(&self.new), difference]
    }
}

fn as_data<S: Serializer>(value: &Option<Value<'_>>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&value.as_ref().map(Value::plain).unwrap_or_default())
}

/// As [`as_data`], with a plus sign above nought.
fn as_difference<S: Serializer>(value: &Option<Value<'_>>, serializer: S) -> Result<S::Ok, S::Error> {
    let is_above = value.as_ref().is_some_and(|value| value.signed().starts_with('+'));
    let plain = value.as_ref().map(Value::plain).unwrap_or_default();
    serializer.serialize_str(&format!("{}{plain}", if is_above { "+" } else { "" }))
}

/// What differs between two versions of one table, as CSV. `known` is the area's pack as it would be now: its
/// tables say what tells the rows of this one (`name`) apart, and what its columns hold and are called.
pub fn restated(name: &str, old: &[u8], new: &[u8], known: &Composed<'_>) -> Vec<Restated> {
    let like = known.table(name);
    let key = shared_key(old, new, like);
    let (old, new) = (Rows::read(old, &key), Rows::read(new, &key));
    let names_row = |heading: &&str| {
        like.is_some_and(|table| table.key.contains(heading) || table.names.contains(heading))
    };
    let (fields, alone): (Vec<Field>, Vec<Field>) = merged(&old.headings(), &new.headings())
        .into_iter()
        .filter(|heading| !names_row(heading))
        .map(|heading| field_of(like, heading))
        .partition(|field| old.may_have(&field.name) && new.may_have(&field.name));
    let title = || like.map_or_else(|| name.to_owned(), |table| table.title.clone());
    // A column that came or went is one change, not one of every row.
    let there = |rows: &Rows, field: &Field| rows.may_have(&field.name).then(|| Value::text("there"));
    let mut found: Vec<Restated> = alone
        .iter()
        .map(|field| Restated {
            name: name.to_owned(),
            field: field.name.to_string(),
            table: title(),
            row: "Every row".to_owned(),
            column: field.words(),
            old: there(&old, field),
            new: there(&new, field),
            difference: None,
        })
        .collect();
    for key in merged(&old.keys(), &new.keys()) {
        for field in &fields {
            let (before, after) = (old.cell(key, &field.name), new.cell(key, &field.name));
            if before == after {
                continue;
            }
            let value = |cell: Option<&str>| cell.map(|cell| value_of(like, field, cell).into_owned());
            let (before, after) = (value(before), value(after));
            let named = if new.rows.contains_key(key) { &new } else { &old };
            found.push(Restated {
                name: name.to_owned(),
                field: field.name.to_string(),
                table: title(),
                row: known.named(named.naming(key, like)),
                column: field.words(),
                difference: before
                    .as_ref()
                    .zip(after.as_ref())
                    .and_then(|(before, after)| less(after, before)),
                old: before,
                new: after,
            });
        }
    }
    found
}

/// The column under this heading; of one that the pack would not have now, its cells tell what it holds.
fn field_of(like: Option<&DataTable<'_>>, heading: &str) -> Field {
    let known = like.and_then(|table| table.fields.iter().find(|field| field.name == heading));
    known
        .cloned()
        .unwrap_or_else(|| Field { name: heading.to_owned().into(), ..field("", FieldKind::Number, "") })
}

/// A cell as a value again. Of a column that the pack would not have now it is a number only where it is
/// written as numbers are: `007` is somebody's id.
fn value_of<'c>(like: Option<&DataTable<'_>>, field: &Field, cell: &'c str) -> Value<'c> {
    let is_known = like.is_some_and(|table| table.fields.iter().any(|known| known.name == field.name));
    match read(field.kind, cell) {
        Value::Number(number) if !is_known && number.to_string() != cell => Value::text(cell),
        value => value,
    }
}

/// The columns of the table's key that both versions have: by others their rows would never meet.
fn shared_key<'l>(old: &[u8], new: &[u8], like: Option<&'l DataTable<'_>>) -> Vec<&'l str> {
    let headings = |csv| csv::Reader::from_reader(csv).headers().cloned().unwrap_or_default();
    let (old, new): (csv::StringRecord, csv::StringRecord) = (headings(old), headings(new));
    let has = |headings: &csv::StringRecord, name: &str| {
        headings.is_empty() || headings.iter().any(|heading| heading == name)
    };
    let key = like.map_or(&[][..], |table| table.key).iter().copied();
    key.filter(|name| has(&old, name) && has(&new, name)).collect()
}

/// A table's rows by what tells them apart.
#[derive(Default)]
struct Rows {
    headings: csv::StringRecord,
    order: Vec<String>,
    rows: HashMap<String, csv::StringRecord>,
}

impl Rows {
    fn read(csv: &[u8], key: &[&str]) -> Rows {
        let mut reader = csv::Reader::from_reader(csv);
        let Ok(headings) = reader.headers().cloned() else { return Rows::default() };
        let mut rows = Rows { headings, ..Rows::default() };
        let mut places: Vec<usize> = key.iter().filter_map(|name| rows.place(name)).collect();
        if places.is_empty() {
            places.push(0);
        }
        let mut met: HashMap<String, u32> = HashMap::new();
        for record in reader.records().flatten() {
            let cells: Vec<&str> = places.iter().filter_map(|place| record.get(*place)).collect();
            let mut of_row = cells.join("\n");
            let times = met.entry(of_row.clone()).or_default();
            *times += 1;
            if *times > 1 {
                of_row = format!("{of_row}\n{times}");
            }
            rows.order.push(of_row.clone());
            rows.rows.insert(of_row, record);
        }
        rows
    }

    fn headings(&self) -> Vec<&str> {
        self.headings.iter().collect()
    }

    fn keys(&self) -> Vec<&str> {
        self.order.iter().map(String::as_str).collect()
    }

    fn place(&self, heading: &str) -> Option<usize> {
        self.headings.iter().position(|known| known == heading)
    }

    /// It has this column, or is no table at all: then each row of the other is told.
    fn may_have(&self, heading: &str) -> bool {
        self.headings.is_empty() || self.place(heading).is_some()
    }

    /// None where there is no such row or column, or nothing stands there.
    fn cell(&self, key: &str, heading: &str) -> Option<&str> {
        self.rows.get(key)?.get(self.place(heading)?).filter(|cell| !cell.is_empty())
    }

    /// The fields that name a row; the first of a table that is not known.
    fn naming<'r>(
        &'r self,
        key: &'r str,
        like: Option<&'r DataTable<'_>>,
    ) -> impl Iterator<Item = (&'r str, Value<'r>)> {
        let first = self.headings.get(0).into_iter().filter(move |_| like.is_none());
        let names = like.into_iter().flat_map(|table| table.names).copied().chain(first);
        names.filter_map(move |name| {
            Some((name, value_of(like, &field_of(like, name), self.cell(key, name)?)))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::packs::example::Example;

    #[test]
    fn a_restated_figure_is_told_with_old_new_and_difference() {
        let example = Example::published();
        let known = example.composed();
        let old = b"scheme_id,scheme,outturn\nS1,Falls,10.00\nS0,Gone,7.00\nS2,Home care,5.00\n";
        let new = b"scheme_id,scheme,outturn\nS2,Home care,5.00\nS1,Falls,1012.50\nS3,New,[late]\n";
        let found = restated("schemes", old, new, &known);
        let shown = found.iter().map(|one| (one.row.as_str(), one.shown()));
        // 1,012.50 − 10.00 = 1,002.50; a scheme that only one version has has no difference, and stands
        // where it stood.
        let told = [
            ("Falls", ["£10.00", "£1,012.50", "+£1,002.50"]),
            ("Gone", ["£7.00", "not there", ""]),
            ("New", ["not there", "late", ""]),
        ];
        assert_eq!(shown.collect::<Vec<_>>(), told.map(|(row, said)| (row, said.map(str::to_owned))));
        // Other programs read it as open data holds it.
        let json = serde_json::to_value(&found).unwrap();
        assert_eq!(
            json[0],
            serde_json::json!({
                "table": "The fund by scheme", "row": "Falls", "column": "Outturn",
                "old": "10.00", "new": "1012.50", "difference": "+1002.50",
            })
        );
        assert_eq!([&json[1]["new"], &json[2]["old"], &json[2]["new"]], ["", "", "[late]"]);
    }

    #[test]
    fn a_table_that_the_pack_would_not_have_now_is_compared_by_its_first_column() {
        let example = Example::published();
        let (old, new) = (b"ward,beds_open\nA,1\nA,2\n", b"ward,beds_open\nA,1\nA,4\n");
        let found = restated("wards", old, new, &example.composed());
        let told: Vec<[&str; 3]> = found.iter().map(|one| [&*one.table, &*one.row, &*one.column]).collect();
        assert_eq!(told, [["wards", "A", "Beds open"]]);
        assert_eq!(found[0].shown(), ["2", "4", "+2"]);
    }

    #[test]
    fn rows_meet_by_the_columns_of_their_key_that_both_versions_have() {
        let example = Example::published();
        let known = example.composed();
        assert_eq!(known.table("scorecard_months").unwrap().key, ["measure_id", "line"]);
        let old = b"measure_id,measure,apr\nNEA,Admissions,4\n";
        let new = b"measure_id,measure,line,apr\nNEA,Admissions,Actual,5\n";
        let found = restated("scorecard_months", old, new, &known);
        assert_eq!(found.iter().map(Restated::shown).collect::<Vec<_>>(), [["4", "5", "+1"]]);
    }

    #[test]
    fn a_column_that_came_or_went_is_told_once() {
        let example = Example::published();
        let old = b"scheme_id,scheme,outturn,risk\nS1,Falls,10.00,low\nS2,Home care,5.00,high\n";
        let new = b"scheme_id,scheme,outturn,rag\nS1,Falls,10.00,On plan\nS2,Home care,5.00,On plan\n";
        let found = restated("schemes", old, new, &example.composed());
        let told: Vec<[&str; 2]> = found.iter().map(|one| [&*one.row, &*one.field]).collect();
        assert_eq!(told, [["Every row", "risk"], ["Every row", "rag"]]);
        assert_eq!(found[0].shown(), ["there", "not there", ""]);
        assert_eq!(found[1].shown(), ["not there", "there", ""]);
        // A table that only one version has is told row by row.
        assert_eq!(restated("schemes", b"", new, &example.composed()).len(), 4);
    }

    #[test]
    fn an_id_of_a_column_that_is_not_known_is_no_number() {
        let example = Example::published();
        let (old, new) = (b"ward,code\nA,007\nB,1.50\n", b"ward,code\nA,008\nB,2\n");
        let found = restated("wards", old, new, &example.composed());
        assert_eq!(found[0].shown(), ["007", "008", ""]);
        assert_eq!(found[1].difference.as_ref().map(|less| less.plain().into_owned()), Some("0.50".into()));
    }
}
