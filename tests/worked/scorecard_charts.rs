//! The charts of a scorecard against the workload's second implementation
//! (`../shared/workload/expected_*.json`).

use crate::oracle::shared;
use outturn::figures::{
    agreement::Better,
    fraction::Fraction,
    spc::{Assurance, Variation, letters, scorecard_chart},
};
use serde_json::{Value, json};
use std::{collections::HashMap, fs::File, io::BufReader};

#[test]
fn scorecard_charts_are_those_of_the_workload() {
    // Which way is better is in the measures' table, not in the answers; both ways are tried, and the
    // statistics and letters depend on neither.
    let mut charts = 0;
    for file in ["workload/expected_small.json", "workload/expected_medium.json"] {
        let Some(path) = shared(file) else { continue };
        let expected: Value = serde_json::from_reader(BufReader::new(File::open(path).unwrap())).unwrap();
        let mut ways: HashMap<String, Vec<Better>> = HashMap::new();
        for (area, position) in expected["areas"].as_object().unwrap() {
            for card in position["scorecard"].as_array().unwrap() {
                let measure = card["measure_id"].as_str().unwrap();
                let ways =
                    ways.entry(measure.to_owned()).or_insert_with(|| vec![Better::Higher, Better::Lower]);
                ways.retain(|better| matches(card, *better));
                assert!(!ways.is_empty(), "{area} {measure}: {card}");
                charts += 1;
            }
        }
    }
    println!("scorecard charts: {charts} exact");
}

/// Whether our chart of a card's values is the card's.
fn matches(card: &Value, better: Better) -> bool {
    let decimals_of = |text: &str| text.split_once('.').map_or(0, |(_, decimals)| decimals.len() as u32);
    let units = |text: &str| text.replace('.', "").parse::<i128>().unwrap();
    let texts: Vec<&str> = card["values"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
    let values: Vec<Option<i128>> = texts.iter().map(|text| Some(units(text))).collect();
    let decimals = texts.first().map_or(0, |text| decimals_of(text));
    let target =
        card["latest"]["target"].as_str().map(|text| Fraction::scaled(units(text), decimals_of(text)));

    let chart = scorecard_chart(&values, decimals, better, target);
    let statistics = chart.statistics().map_or(Value::Null, |statistics| {
        json!({
            "n": statistics.points,
            "mean": statistics.mean.to_string(),
            "amr": statistics.average_moving_range.to_string(),
            "lcl": statistics.lower_limit.to_string(),
            "ucl": statistics.upper_limit.to_string(),
        })
    });
    let variation = match chart.variation {
        Variation::None => "none",
        Variation::Common => "common",
        Variation::Improvement => "improvement",
        Variation::Concern => "concern",
    };
    let assurance = match chart.assurance {
        Assurance::None => "none",
        Assurance::Pass => "pass",
        Assurance::Fail => "fail",
        Assurance::HitOrMiss => "hit_or_miss",
    };
    card["spc"] == statistics
        && card["points"] == letters(&chart.judged(&values))
        && card["variation"] == variation
        && card["assurance"] == assurance
}
