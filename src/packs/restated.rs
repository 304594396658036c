//! What a later version of a published pack says otherwise than an earlier one.
//!
//! Published packs are known by their files alone, so their tables of open data are compared: row by row
//! by the columns that tell one row from another, column by column.

use super::compose::{
    Composed,
    table::{DataTable, FieldKind},
};
use rust_decimal::Decimal;
use serde::Serialize;
use std::collections::{BTreeMap, HashMap};

/// A figure that is not what it was.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct Restated {
    /// The table's name, such as `schemes`.
    #[serde(skip)]
    pub name: String,
    /// Whether it is an amount of money.
    #[serde(skip)]
    pub is_money: bool,
    /// What the table holds, such as `The fund by scheme`.
    pub table: String,
    /// The row's name.
    pub row: String,
    /// The column's name.
    pub column: String,
    /// Empty where the figure is new.
    pub old: String,
    /// Empty where the figure is gone.
    pub new: String,
    /// New less old, where both are numbers.
    pub difference: String,
}

/// What differs between two versions of one table, as CSV. `known` is the pack's present tables, which
/// say what tells the rows of this one (`name`) apart and what its columns are called.
pub fn restated(name: &str, old: &[u8], new: &[u8], known: &Composed<'_>) -> Vec<Restated> {
    let like = known.table(name);
    let (old, new) = (Rows::read(old, like), Rows::read(new, like));
    let mut found = Vec::new();
    let added = new.order.iter().filter(|key| !old.rows.contains_key(*key));
    for key in old.order.iter().chain(added) {
        let names = Rows::both(&old.headings, &new.headings);
        for heading in names.iter().filter(|heading| !is_key(like, heading)) {
            let (before, after) = (old.cell(key, heading), new.cell(key, heading));
            if before == after {
                continue;
            }
            found.push(Restated {
                name: name.to_owned(),
                is_money: is_money(like, heading),
                table: like.map_or_else(|| name.to_owned(), |table| table.title.clone()),
                row: new.names.get(key).or(old.names.get(key)).cloned().unwrap_or_default(),
                column: column_words(like, heading),
                difference: difference(before, after),
                old: before.to_owned(),
                new: after.to_owned(),
            });
        }
    }
    found
}

fn is_key(like: Option<&DataTable<'_>>, heading: &str) -> bool {
    like.is_some_and(|table| table.key.contains(&heading) || table.names.contains(&heading))
}

fn column_words(like: Option<&DataTable<'_>>, heading: &str) -> String {
    let field = like.and_then(|table| table.fields.iter().find(|field| field.name == heading));
    field.map_or_else(|| heading.replace('_', " "), |field| field.words())
}

fn is_money(like: Option<&DataTable<'_>>, heading: &str) -> bool {
    let field = like.and_then(|table| table.fields.iter().find(|field| field.name == heading));
    field.is_some_and(|field| field.kind == FieldKind::Money)
}

fn difference(before: &str, after: &str) -> String {
    let numbers = before.parse::<Decimal>().ok().zip(after.parse::<Decimal>().ok());
    let less = numbers.and_then(|(before, after)| after.checked_sub(before));
    less.map(|less| if less > Decimal::ZERO { format!("+{less}") } else { less.to_string() })
        .unwrap_or_default()
}

/// A table's rows by what tells them apart.
#[derive(Default)]
struct Rows {
    headings: Vec<String>,
    order: Vec<String>,
    rows: BTreeMap<String, Vec<String>>,
    names: HashMap<String, String>,
}

impl Rows {
    fn read(csv: &[u8], like: Option<&DataTable<'_>>) -> Rows {
        let mut reader = csv::Reader::from_reader(csv);
        let Ok(headings) = reader.headers() else { return Rows::default() };
        let mut rows = Rows { headings: headings.iter().map(str::to_owned).collect(), ..Rows::default() };
        let places = |names: &[&str]| -> Vec<usize> {
            names.iter().filter_map(|name| rows.headings.iter().position(|heading| heading == name)).collect()
        };
        let (key, named) =
            (places(like.map_or(&[], |table| table.key)), places(like.map_or(&[], |table| table.names)));
        let key = if key.is_empty() { vec![0] } else { key };
        let named = if named.is_empty() { key.clone() } else { named };
        let mut met: HashMap<String, u32> = HashMap::new();
        for record in reader.records().flatten() {
            let joined = |places: &[usize]| {
                places.iter().filter_map(|place| record.get(*place)).collect::<Vec<_>>().join(", ")
            };
            let mut of_row = joined(&key);
            let times = met.entry(of_row.clone()).or_default();
            *times += 1;
            if *times > 1 {
                of_row = format!("{of_row} ({times})");
            }
            rows.names.insert(of_row.clone(), joined(&named));
            rows.rows.insert(of_row.clone(), record.iter().map(str::to_owned).collect());
            rows.order.push(of_row);
        }
        rows
    }

    fn cell(&self, key: &str, heading: &str) -> &str {
        let place = self.headings.iter().position(|known| known == heading);
        let row = self.rows.get(key);
        row.zip(place).and_then(|(row, place)| row.get(place)).map_or("", String::as_str)
    }

    fn both(first: &[String], second: &[String]) -> Vec<String> {
        let more = second.iter().filter(|heading| !first.contains(heading));
        first.iter().chain(more).cloned().collect()
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
        let old = b"scheme_id,scheme,outturn\nS1,Falls,10.00\nS2,Home care,5.00\n";
        let new = b"scheme_id,scheme,outturn\nS2,Home care,5.00\nS1,Falls,12.50\nS3,New,1.00\n";
        let found = restated("schemes", old, new, &known);
        let shown: Vec<[&str; 4]> =
            found.iter().map(|one| [&*one.row, &*one.old, &*one.new, &*one.difference]).collect();
        // 12.50 − 10.00 = 2.50; a scheme that was not there before has no difference.
        assert_eq!(shown, [["Falls", "10.00", "12.50", "+2.50"], ["New", "", "1.00", ""]]);
    }
}
