//! What templates may say of the measures.

use super::{
    PackSource,
    value::{Show, Value},
};
use crate::figures::{
    agreement::Measure,
    measure::{MeasurePosition, Rag, TargetFigure},
    spc::Variation,
};
use rust_decimal::Decimal;
use serde::Serialize;

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
    /// Says where the months' targets do not add up to the year's; else empty.
    pub profile_note: String,
}

pub(super) fn words<'a>(source: PackSource<'a>) -> Measures<'a> {
    let position = source.position;
    let varying = |wanted: Variation| {
        position.scorecard.iter().filter(|measure| measure.chart.variation == wanted).count()
    };
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
            .map(|(measure, position)| MeasureWords {
                id: &measure.id,
                name: &measure.name,
                unit: &measure.unit,
                definition: &measure.definition,
                has_values: position.latest.is_some(),
                profile_note: profile_note(measure, position),
            })
            .collect(),
    }
}

/// Says that twelve months' targets do not add up to the target for the year, and by how much.
fn profile_note(measure: &Measure, position: &MeasurePosition) -> String {
    let months: Option<Vec<Decimal>> =
        position.profile.iter().map(|target| target.and_then(TargetFigure::number)).collect();
    let annual = position.annual_target.and_then(TargetFigure::number);
    let (true, Some(months), Some(annual)) = (measure.kind.adds_up(), months, annual) else {
        return String::new();
    };
    let sum: Decimal = months.into_iter().sum();
    if sum == annual {
        return String::new();
    }
    let shown = |number| Value::Number(number).shown(Show::Plain);
    let side = if sum < annual { "short of" } else { "over" };
    format!(
        "the targets of the twelve months add up to {}, {} {side} the {} set for the year",
        shown(sum),
        shown((sum - annual).abs()),
        shown(annual)
    )
}

#[cfg(test)]
mod tests {
    use crate::packs::example::Example;

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
}
