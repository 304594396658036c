//! What moves between two compositions of a pack: before and after a what-if, a return, an edition of the
//! plan.
//!
//! Figures are matched by their ids, so that a row that was added or has moved is not taken for
//! another. What is the same is left out.

use super::compose::{
    Composed,
    figure_id::Located,
    table::{DataRow, DataTable},
    value::Value,
};
use std::collections::{HashMap, HashSet};

/// A figure that is not the same before and after, or that only one of the two has.
#[derive(Clone, Debug, PartialEq)]
pub struct Changed {
    /// The figure's id.
    pub figure: String,
    /// The name of its table, such as `schemes`.
    pub table: &'static str,
    /// Its row in words, such as `Falls service`.
    pub row: String,
    /// Its column in words, such as `Outturn`.
    pub column: String,
    /// None where the figure is new.
    pub before: Option<Value<'static>>,
    /// None where the figure is gone.
    pub after: Option<Value<'static>>,
    /// After less before, where both are numbers of one kind; of per cents, in percentage points.
    pub difference: Option<Value<'static>>,
}

impl Changed {
    /// Whether it is an amount of money, before or after.
    pub fn is_money(&self) -> bool {
        [&self.before, &self.after].into_iter().flatten().any(|value| matches!(value, Value::Money(_)))
    }
}

/// Everything that moves from `before` to `after`, in the order of the pack.
///
/// A table or row that only one of the two has stands where it stood there, after what it followed.
pub fn difference(before: &Composed<'_>, after: &Composed<'_>) -> Vec<Changed> {
    let names = |composed: &Composed<'_>| composed.tables.iter().map(|table| table.name).collect::<Vec<_>>();
    let mut changes = Vec::new();
    for name in merged(&names(before), &names(after)) {
        between_tables(name, before, after, &mut changes);
    }
    changes
}

/// What moves in the table of this name.
fn between_tables(name: &str, before: &Composed<'_>, after: &Composed<'_>, changes: &mut Vec<Changed>) {
    if let (Some(old), Some(new)) = (before.table(name), after.table(name))
        && old.rows == new.rows
        && old.fields == new.fields
    {
        return;
    }
    let (old, new) = (Keyed::of(before.table(name)), Keyed::of(after.table(name)));
    for key in merged(&old.keys(), &new.keys()) {
        let (old_row, new_row) = (old.row(key), new.row(key));
        let same = matches!((old_row, new_row), (Some(old), Some(new)) if old.values == new.values);
        if same && old.fields() == new.fields() {
            continue;
        }
        for field in merged(&old.fields(), &new.fields()) {
            let (was, is) = (old.figure(old_row, field), new.figure(new_row, field));
            if was.map(|figure| figure.value) == is.map(|figure| figure.value) {
                continue;
            }
            let row = match (is, was) {
                (Some(is), _) => after.row_words(&is),
                (None, Some(was)) => before.row_words(&was),
                (None, None) => continue,
            };
            changes.extend(is.or(was).map(|at| changed(key, row, at, was, is)));
        }
    }
}

fn changed(
    key: &str,
    row: String,
    at: Located<'_, '_>,
    was: Option<Located<'_, '_>>,
    is: Option<Located<'_, '_>>,
) -> Changed {
    let value = |figure: Option<Located<'_, '_>>| figure.map(|figure| figure.value.clone().into_owned());
    let (before, after) = (value(was), value(is));
    Changed {
        figure: at.table.figure_id(key, at.field),
        table: at.table.name,
        row,
        column: at.field.words(),
        difference: before.as_ref().zip(after.as_ref()).and_then(|(before, after)| less(after, before)),
        before,
        after,
    }
}

/// `after − before`, where both are numbers of one kind.
pub fn less(after: &Value<'_>, before: &Value<'_>) -> Option<Value<'static>> {
    match (after, before) {
        (Value::Whole(after), Value::Whole(before)) => after.checked_sub(*before).map(Value::Whole),
        (Value::Money(after), Value::Money(before)) => Some(Value::Money(*after - *before)),
        (Value::Number(after), Value::Number(before)) => after.checked_sub(*before).map(Value::Number),
        (Value::Percent(after), Value::Percent(before)) => after.checked_sub(*before).map(Value::Percent),
        (
            Value::Text(_)
            | Value::Whole(_)
            | Value::Money(_)
            | Value::Number(_)
            | Value::Percent(_)
            | Value::Month(_)
            | Value::Year(_)
            | Value::Rag(_)
            | Value::Judged(..)
            | Value::Missing(_),
            _,
        ) => None,
    }
}

/// A table of which rows are found by their keys; empty where there is no such table.
struct Keyed<'t, 'a> {
    table: Option<&'t DataTable<'a>>,
    keys: Vec<String>,
    rows: HashMap<String, &'t DataRow<'a>>,
}

impl<'t, 'a> Keyed<'t, 'a> {
    fn of(table: Option<&'t DataTable<'a>>) -> Keyed<'t, 'a> {
        let keys = table.map_or(Vec::new(), DataTable::row_keys);
        let rows = keys.iter().cloned().zip(table.into_iter().flat_map(|table| &table.rows)).collect();
        Keyed { table, keys, rows }
    }

    fn keys(&self) -> Vec<&str> {
        self.keys.iter().map(String::as_str).collect()
    }

    fn fields(&self) -> Vec<&'t str> {
        self.table.into_iter().flat_map(|table| &table.fields).map(|field| field.name.as_ref()).collect()
    }

    fn row(&self, key: &str) -> Option<&'t DataRow<'a>> {
        self.rows.get(key).copied()
    }

    fn figure(&self, row: Option<&'t DataRow<'a>>, field: &str) -> Option<Located<'t, 'a>> {
        let table = self.table?;
        table.located(row?, table.field_index(field)?)
    }
}

/// What either list names, in the order of `after`; what only `before` names follows what it followed
/// there.
pub(super) fn merged<'n>(before: &[&'n str], after: &[&'n str]) -> Vec<&'n str> {
    let kept: HashSet<&str> = after.iter().copied().collect();
    let mut following: HashMap<Option<&str>, Vec<&'n str>> = HashMap::new();
    let mut last_kept = None;
    for name in before {
        if kept.contains(name) {
            last_kept = Some(*name);
        } else {
            following.entry(last_kept).or_default().push(name);
        }
    }
    let mut order = following.remove(&None).unwrap_or_default();
    for name in after {
        order.push(name);
        order.extend(following.remove(&Some(*name)).unwrap_or_default());
    }
    order
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{figures::money::Pence, packs::example::Example};

    #[test]
    fn nothing_moves_between_a_pack_and_itself() {
        let example = Example::published();
        assert_eq!(difference(&example.composed(), &example.composed()), []);
    }

    #[test]
    fn a_pound_more_on_one_line_moves_what_rests_on_it_and_nothing_else() {
        let before = Example::published();
        // Aylesbury's part of rapid response in November: £60,144.50 was budgeted, one pound more spent.
        let line = "2015-11,S02,AVCCG,";
        let after = Example::as_at("2015-11", |name, text| {
            if name != "finance.csv" {
                return text;
            }
            let changed = text.lines().map(|row| match row.split_once(line) {
                Some((head, amounts)) => {
                    let amounts: Vec<&str> = amounts.split(',').collect();
                    let actual = Pence::parse(amounts[1].as_bytes()).unwrap() + Pence(100);
                    format!("{head}{line}{},{actual},{}\n", amounts[0], amounts[2])
                }
                None => format!("{row}\n"),
            });
            changed.collect()
        });
        let changes = difference(&before.composed(), &after.composed());
        let money = |id: &str| changes.iter().find(|change| change.figure == id).unwrap().difference.clone();
        for id in [
            "partners.AVCCG.actual_to_date",
            "partners.total.outturn",
            "pools.INTEGRATED.variance_full_year",
            "schemes.S02.outturn",
            "schemes.total.variance_to_date",
            "variances.S02.AVCCG",
            "variances.total.total",
            "fund_months.2015-11.spend",
            "risk_share.INTEGRATED~AVCCG.own_variance",
            "risk_share.INTEGRATED~total.share",
        ] {
            assert_eq!(money(id), Some(Value::Money(Pence(100))), "{id}");
        }
        let row = |change: &Changed| change.figure.split('.').nth(1).unwrap().to_owned();
        for change in &changes {
            assert!(!["scorecard", "segments", "incentive"].contains(&change.table), "{change:?}");
            assert!(change.table != "schemes" || ["S02", "total"].contains(&row(change).as_str()));
            assert!(change.table != "partners" || ["AVCCG", "total"].contains(&row(change).as_str()));
        }
        // In the order of the pack, which is that of its tables.
        let places: Vec<usize> = changes
            .iter()
            .map(|change| {
                before.composed().tables.iter().position(|table| table.name == change.table).unwrap()
            })
            .collect();
        assert!(places.is_sorted());
        let outturn = changes.iter().find(|change| change.figure == "schemes.S02.outturn").unwrap();
        assert_eq!((outturn.row.as_str(), outturn.column.as_str()), ("Rapid response", "Outturn"));
    }

    #[test]
    fn a_figure_that_is_gone_or_new_stands_where_its_row_stood() {
        let before = Example::published();
        let after = Example::as_at("2015-11", |name, text| {
            if name == "kpis.csv" {
                // The weight of delayed transfers goes to emergency admissions.
                return text.replace("NEA,2500", "NEA,4000").replace("E10000002,DTOC,1500,linear,1000\n", "");
            }
            text
        });
        let changes = difference(&before.composed(), &after.composed());
        let incentive: Vec<&str> = changes
            .iter()
            .filter(|change| change.table == "incentive")
            .map(|change| change.figure.as_str())
            .collect();
        assert!(incentive.starts_with(&["incentive.NEA.weight", "incentive.NEA.available"]));
        let gone = changes.iter().find(|change| change.figure == "incentive.DTOC.weight").unwrap();
        assert_eq!((gone.after.is_none(), &gone.difference), (true, &None));
        let place = |id| incentive.iter().position(|figure| *figure == id).unwrap();
        assert!(place("incentive.NEA.available") < place("incentive.DTOC.weight"));
        let back = difference(&after.composed(), &before.composed());
        assert_eq!(back.len(), changes.len());
    }

    #[test]
    fn what_only_the_first_has_follows_what_it_followed() {
        assert_eq!(merged(&["a", "x", "b", "y"], &["b", "c", "a"]), ["b", "y", "c", "a", "x"]);
        assert_eq!(merged(&["x", "a"], &["a"]), ["x", "a"]);
        assert_eq!(merged(&[], &["a"]), ["a"]);
    }
}
