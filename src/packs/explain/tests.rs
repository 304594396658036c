//! Every figure is explained, and what its steps come to is what the pack shows.

use super::*;
use crate::packs::{compose::value::Show, example::Example};

/// Explains every figure and holds the explanation against the table.
fn walk(example: &Example) -> usize {
    let composed = example.composed();
    let mut wrong = Vec::new();
    let mut count = 0;
    for (id, located) in composed.figures() {
        count += 1;
        let explained = explain_in(&composed, &id).unwrap_or_else(|| panic!("{id} is not explained"));
        let value = located.value.clone().into_owned();
        assert_eq!(explained.value, value, "{id}");
        if let Some(last) = explained
            .steps
            .last()
            .filter(|last| last.result != value || last.result.shown(Show::Plain) != value.shown(Show::Plain))
        {
            wrong.push(format!("{id} is {value:?}, but its steps come to {:?}", last.result));
        }
        for input in explained.made_from() {
            let part = composed.figure(input.figure.as_ref().unwrap());
            match part {
                Some(part) if part.value.clone().into_owned() == input.value => {}
                Some(part) => wrong.push(format!("{id}: {input:?} is {:?}", part.value)),
                None => wrong.push(format!("{id}: {input:?} is no figure")),
            }
        }
        assert!(explained.sources.first().len() <= MOST_ROWS_SHOWN);
        assert!(explained.sources.count == explained.sources.rows.len());
    }
    wrong.truncate(40);
    assert!(wrong.is_empty(), "\n{}\n", wrong.join("\n"));
    count
}

#[test]
fn the_steps_of_every_figure_come_to_what_the_pack_shows() {
    assert!(walk(&Example::published()) > 3_000);
}

#[test]
fn figures_that_are_late_not_due_or_to_be_confirmed_are_explained_too() {
    // June: most of the year is still to come. January: the example's returns end in November.
    for month in ["2014-04", "2015-06", "2016-01"] {
        walk(&Example::as_at(month, |_, text| text));
    }
}

#[test]
fn every_kind_of_measure_and_rule_is_explained() {
    walk(&Example::as_at("2015-11", |name, text| match name {
        // Means and higher floors, whole shares that leave odd pence, and a partner that gave no actual.
        "measures.csv" if text.starts_with("measure_id") => text.replace(
            "FRAILADMIT,Emergency admissions of people in groups 3 and 4,Alliance outcomes,admissions,count",
            "FRAILADMIT,Emergency admissions of people in groups 3 and 4,Alliance outcomes,admissions,mean",
        ),
        "kpis.csv" => text.replace("2500,linear,500", "2501,linear,9000").replace("1500,step", "1499,step"),
        "bands.csv" => text.replace("over,1,100", "over,1,1").replace("over,2,300", "over,2,7"),
        "finance.csv" => text
            .lines()
            .map(|line| match line.split(',').collect::<Vec<_>>()[..] {
                [org, area, month @ "2015-10", scheme @ "S05", partner, budget, _, forecast] => {
                    format!("{org},{area},{month},{scheme},{partner},{budget},,{forecast}\n")
                }
                _ => format!("{line}\n"),
            })
            .collect(),
        _ => text,
    }));
}

fn explained(example: &Example, figure: &str) -> Explanation {
    explain(example.source(), figure).unwrap_or_else(|| panic!("{figure} is not explained"))
}

#[test]
fn steps_say_the_rule_the_sum_and_where_the_plan_has_it() {
    let example = Example::published();
    let rate = explained(&example, "measure_months.NEA~2014-04.value");
    // April 2014: 3,199 admissions of 505,300 residents are 633.09 per 100,000.
    assert_eq!(rate.steps[0].arithmetic, "3,199 × 100,000 ÷ 505,300");
    assert_eq!(rate.steps[0].stands_in, "measures: NEA, kind and multiplier");
    assert_eq!(rate.steps[0].result, Value::Number(633.into()));
    assert_eq!((rate.sources.count, rate.sources.rows[0].says.as_str()), (1, "3,199 of 505,300"));
    assert_eq!(
        (rate.row.as_str(), rate.column.as_str()),
        ("Rate of emergency admissions, April 2014", "Value")
    );

    let outturn = explained(&example, "schemes.S01.outturn");
    let made_from: Vec<&str> =
        outturn.made_from().into_iter().filter_map(|input| input.figure.as_deref()).collect();
    assert_eq!(made_from, ["schemes.S01.actual_to_date"]);
    // Two partners, twelve months.
    assert_eq!(outturn.sources.count, 24);
    assert_eq!(outturn.sources.rows[0].file.as_ref().unwrap().file_name, "finance.csv");

    let share = explained(&example, "risk_share.INTEGRATED~BCC.band_1");
    let places: Vec<&str> = share.steps.iter().map(|step| step.stands_in.as_str()).collect();
    assert_eq!(places, ["bands: INTEGRATED, over, band 1"; 3]);
    assert!(share.steps[2].clause.starts_with("Buckinghamshire County Council has 34% of band 1"));
}

#[test]
fn only_what_partners_send_and_the_plan_sets_is_left_without_steps() {
    let example = Example::published();
    let composed = example.composed();
    for (id, located) in composed.figures() {
        let steps = explain_in(&composed, &id).unwrap().steps;
        let is_plain = located.table.name == "codes" || id.starts_with("quality.") && id.ends_with(".rows");
        assert_eq!(steps.is_empty(), is_plain, "{id}");
        assert!(steps.iter().all(|step| !step.clause.is_empty()), "{id}");
    }
}

#[test]
fn what_is_no_figure_is_not_explained() {
    let example = Example::published();
    for id in
        ["", "schemes", "schemes.S99.outturn", "schemes.S01.scheme", "schemes.S01.none", "none.S01.outturn"]
    {
        assert_eq!(explain(example.source(), id), None, "{id}");
    }
}

#[test]
fn an_explanation_is_drawn_like_everything_else() {
    use crate::packs::html::{Links, fragment};
    let example = Example::published();
    let blocks = explained(&example, "schemes.total.outturn").blocks();
    let links = Links { figures: "/figures/", reference: &|id| format!("#{id}") };
    let drawn = fragment(&blocks, links);
    assert!(drawn.contains("<a class=\"figure\" href=\"/figures/schemes.S01.outturn\">"));
    assert!(drawn.contains("The first 60 of "));
}
