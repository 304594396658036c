//! What templates may say of the measures.

use super::{
    PackSource,
    value::{Show, Value},
};
use crate::figures::{
    agreement::Measure,
    facts::TargetValue,
    fraction::Fraction,
    measure::Rag,
    profile::{Profile, profiles},
    spc::Variation,
};
use serde::Serialize;

/// Targets are kept in ten-thousandths.
const TARGET_DECIMALS: u32 = 4;

#[derive(Serialize)]
pub struct Measures<'a> {
    pub count: usize,
    pub on_plan: usize,
    pub within_tolerance: usize,
    pub off_plan: usize,
    pub not_judged: usize,
    /// Special cause at the last point, for the worse.
    pub concern: usize,
    /// Special cause at the last point, for the better.
    pub improvement: usize,
    /// At least one measure says what it counts.
    pub has_definitions: bool,
    pub list: Vec<MeasureWords<'a>>,
}

#[derive(Serialize)]
pub struct MeasureWords<'a> {
    pub id: &'a str,
    pub name: &'a str,
    pub unit: &'a str,
    pub definition: &'a str,
    /// Has at least one value to draw.
    pub has_values: bool,
    /// The year's targets that were set for quarters; empty where there are none.
    pub quarter_targets: String,
    /// Says where the targets of months or quarters do not add up to the quarter's or the year's; else
    /// empty.
    pub profile_note: String,
}

pub(super) fn words<'a>(source: PackSource<'a>) -> Measures<'a> {
    let position = source.position;
    let varying = |wanted: Variation| {
        position.scorecard.iter().filter(|measure| measure.chart.variation == wanted).count()
    };
    let year = position.as_at.financial_year();
    let profiles = profiles(source.plan.targets.iter().chain(&source.facts.targets));
    Measures {
        count: position.scorecard.len(),
        on_plan: position.rag_count(Rag::Green),
        within_tolerance: position.rag_count(Rag::Amber),
        off_plan: position.rag_count(Rag::Red),
        not_judged: position.rag_count(Rag::NotJudged),
        concern: varying(Variation::Concern),
        improvement: varying(Variation::Improvement),
        has_definitions: source.plan.measures.iter().any(|measure| !measure.definition.is_empty()),
        list: source
            .plan
            .measures
            .iter()
            .zip(&position.scorecard)
            .zip(0..)
            .map(|((measure, position), place)| {
                let profile = profiles.get(&(place, year));
                MeasureWords {
                    id: &measure.id,
                    name: &measure.name,
                    unit: &measure.unit,
                    definition: &measure.definition,
                    has_values: position.latest.is_some(),
                    quarter_targets: profile
                        .map_or_else(String::new, |profile| quarter_targets(measure, profile)),
                    profile_note: profile.map_or_else(String::new, |profile| profile_note(measure, profile)),
                }
            })
            .collect(),
    }
}

/// Says where the parts of the year's targets do not add up, and by how much.
fn profile_note(measure: &Measure, profile: &Profile) -> String {
    if !measure.kind.adds_up() {
        return String::new();
    }
    let differences = profile.differences(measure.decimals).into_iter();
    differences.map(|difference| difference.words(difference.whole())).collect::<Vec<_>>().join("; ")
}

/// `April to June 1,998, July to September to be confirmed`: the targets that were set for quarters.
fn quarter_targets(measure: &Measure, profile: &Profile) -> String {
    let names = ["April to June", "July to September", "October to December", "January to March"];
    let set = names.into_iter().zip(profile.quarters).filter_map(|(name, target)| match target?.value {
        TargetValue::Number(number) => Some(format!("{name} {}", shown(measure, number))),
        TargetValue::ToBeConfirmed => Some(format!("{name} to be confirmed")),
        TargetValue::NotSet => None,
    });
    set.collect::<Vec<_>>().join(", ")
}

/// A target in ten-thousandths as the scorecard shows it.
fn shown(measure: &Measure, ten_thousandths: i64) -> String {
    let number = Fraction::scaled(i128::from(ten_thousandths), TARGET_DECIMALS).round(measure.decimals);
    Value::Number(number).shown(Show::Plain)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        figures::{facts::Target, period::Period},
        packs::example::Example,
    };

    fn notes(example: &Example) -> Vec<(String, String)> {
        let words = example.composed().words;
        let noted = words.measures.list.iter().filter(|measure| !measure.profile_note.is_empty());
        noted.map(|measure| (measure.id.to_owned(), measure.profile_note.clone())).collect()
    }

    #[test]
    fn months_that_do_not_add_up_to_the_year_are_told_with_the_difference() {
        let note = |words: &str| ("NEA".to_owned(), words.to_owned());
        // 652, 672, 679 and 660, three months each, are 7,989.
        let short = "the targets of the twelve months add up to 7,989, 7 short of the 7,996 set for the year";
        assert_eq!(notes(&Example::published()), [note(short)]);
        let annual = |sum: &'static str| {
            Example::as_at("2015-11", move |_, text| {
                text.replace("2015-16,NEA,7996", &format!("2015-16,NEA,{sum}"))
            })
        };
        assert_eq!(notes(&annual("7989")), []);
        let over = "the targets of the twelve months add up to 7,989, 9 over the 7,980 set for the year";
        assert_eq!(notes(&annual("7980")), [note(over)]);
    }

    #[test]
    fn targets_of_quarters_are_told_and_a_return_that_completes_the_plans_profile_counts() {
        let mut example = Example::as_at("2015-11", |name, text| match name {
            "targets.csv" => format!("{text}E10000002,2015-16-Q1,CAREHOMES,170\n"),
            _ => text,
        });
        let words = |example: &Example| {
            let words = example.composed().words;
            let homes = words.measures.list.iter().find(|measure| measure.id == "CAREHOMES").unwrap();
            (homes.quarter_targets.clone(), homes.profile_note.clone())
        };
        assert_eq!(words(&example), ("April to June 170".to_owned(), String::new()));

        let first = example.plan.targets.iter().find(|target| matches!(target.period, Period::Quarter(..)));
        let first = *first.unwrap();
        let year = first.period.months().first().financial_year();
        let sent = |(quarter, number)| Target {
            period: Period::Quarter(year, quarter),
            value: TargetValue::Number(number),
            ..first
        };
        example.facts.targets.extend([(2, 1_750_000), (3, 1_750_000), (4, 1_800_000)].map(sent));
        let quarters =
            "April to June 170, July to September 175, October to December 175, January to March 180";
        // 700 in all; the plan has 697 for the year.
        let over = "the targets of the four quarters add up to 700, 3 over the 697 set for the year";
        assert_eq!(words(&example), (quarters.to_owned(), over.to_owned()));
    }
}
