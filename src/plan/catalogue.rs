//! The built-in catalogue of national Better Care Fund measures, 2015/16 to 2025/26, and the local
//! ones of the founding papers.
//!
//! The catalogue is data (`catalogue.csv`): a measure more is a row more. A plan that names a
//! measure by its id here may leave its other cells empty; what the plan writes wins.

use super::measures::{BETTER, KINDS};
use crate::figures::{
    agreement::{Better, MeasureKind},
    period::FinancialYear,
};
use std::sync::LazyLock;

/// A measure as it was nationally defined.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CatalogueMeasure {
    pub id: String,
    pub name: String,
    pub first_year: FinancialYear,
    /// None while it is still in use.
    pub last_year: Option<FinancialYear>,
    /// `Better Care Fund` for the national measures.
    pub domain: String,
    /// Empty where each area chooses its own.
    pub unit: String,
    /// None where each area chooses its own.
    pub kind: Option<MeasureKind>,
    pub multiplier: i64,
    pub decimals: u32,
    /// None where each area chooses its own.
    pub better: Option<Better>,
    /// How far off target is still amber, in basis points. RAG rules are local; 500 is our default.
    pub amber_bp: i64,
    /// How often it was nationally reported, in words.
    pub frequency: String,
    /// What is counted over what.
    pub definition: String,
    /// Where the definition is from.
    pub source: String,
}

impl CatalogueMeasure {
    /// Whether the measure was in use in that year.
    pub fn was_used_in(&self, year: FinancialYear) -> bool {
        self.first_year <= year && self.last_year.is_none_or(|last| year <= last)
    }
}

static CATALOGUE: LazyLock<Vec<CatalogueMeasure>> =
    LazyLock::new(|| read(include_str!("catalogue.csv")).expect("the built-in catalogue is sound"));

/// Every measure of the catalogue, oldest first.
pub fn catalogue() -> &'static [CatalogueMeasure] {
    &CATALOGUE
}

/// The measure with this id.
pub fn find(id: &str) -> Option<&'static CatalogueMeasure> {
    CATALOGUE.iter().find(|measure| measure.id == id)
}

fn read(text: &str) -> Option<Vec<CatalogueMeasure>> {
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    reader.records().map(|record| measure(&record.ok()?)).collect()
}

fn measure(record: &csv::StringRecord) -> Option<CatalogueMeasure> {
    let cell = |column| record.get(column).map(str::to_owned);
    Some(CatalogueMeasure {
        id: cell(0)?,
        name: cell(1)?,
        first_year: FinancialYear::parse(record.get(2)?)?,
        last_year: unless_empty(record.get(3)?, FinancialYear::parse)?,
        domain: cell(4)?,
        unit: cell(5)?,
        kind: unless_empty(record.get(6)?, |name| chosen(name, &KINDS))?,
        multiplier: record.get(7)?.parse().ok()?,
        decimals: record.get(8)?.parse().ok()?,
        better: unless_empty(record.get(9)?, |name| chosen(name, &BETTER))?,
        amber_bp: record.get(10)?.parse().ok()?,
        frequency: cell(11)?,
        definition: cell(12)?,
        source: cell(13)?,
    })
}

/// None where the cell is wrong; none within where it is empty.
fn unless_empty<T>(text: &str, read: impl FnOnce(&str) -> Option<T>) -> Option<Option<T>> {
    if text.is_empty() { Some(None) } else { read(text).map(Some) }
}

fn chosen<T: Copy>(name: &str, choices: &[(&str, T)]) -> Option<T> {
    choices.iter().find(|(choice, _)| *choice == name).map(|(_, value)| *value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    /// The national measures of a year, by id.
    fn national_in(year: &str) -> Vec<&'static str> {
        let year = FinancialYear::parse(year).unwrap();
        let national = |measure: &&CatalogueMeasure| measure.domain == "Better Care Fund";
        let used = |measure: &&CatalogueMeasure| measure.was_used_in(year);
        catalogue().iter().filter(national).filter(used).map(|measure| measure.id.as_str()).collect()
    }

    #[test]
    fn every_measure_is_complete_and_stands_once() {
        let ids: HashSet<_> = catalogue().iter().map(|measure| &measure.id).collect();
        assert_eq!(ids.len(), catalogue().len());
        for measure in catalogue() {
            for words in
                [&measure.id, &measure.name, &measure.frequency, &measure.definition, &measure.source]
            {
                assert!(!words.is_empty(), "{}", measure.id);
            }
            assert!(measure.multiplier > 0 && measure.decimals <= 4, "{}", measure.id);
            assert!(measure.last_year.is_none_or(|last| measure.first_year <= last), "{}", measure.id);
        }
    }

    #[test]
    fn the_set_of_2015_16_has_six_measures() {
        assert_eq!(
            national_in("2015-16"),
            ["nea", "residential_65p", "reablement_91d", "dtoc_month", "experience", "local_metric"]
        );
    }

    #[test]
    fn the_set_of_2018_19_has_four_measures() {
        assert_eq!(national_in("2018-19"), ["nea", "residential_65p", "reablement_91d", "dtoc_per_day"]);
    }

    #[test]
    fn the_set_of_2023_24_has_five_measures() {
        assert_eq!(
            national_in("2023-24"),
            ["residential_65p", "reablement_91d", "acsc", "usual_residence", "falls_65p"]
        );
    }

    #[test]
    fn the_three_headline_measures_of_2025_26_are_there() {
        let ids = national_in("2025-26");
        for id in ["emerg_65p", "drd_avg_all", "residential_65p"] {
            assert!(ids.contains(&id), "{id}");
        }
        assert!(!ids.contains(&"falls_65p"));
    }

    #[test]
    fn what_each_area_chooses_is_left_open() {
        let local = find("local_metric").unwrap();
        assert_eq!((local.kind, local.better, local.unit.as_str()), (None, None, ""));
        assert_eq!(find("no such measure"), None);
    }
}
