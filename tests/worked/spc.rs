//! Process charts against NHSRplotthedots 0.2.2 (`../shared/oracles/spc`).
//!
//! Series at which the package stops, and those with a point on the knife's edge of a threshold (every
//! constant series is one), are counted beside the others: there the package's answer depends on its
//! floating point, or is one that we depart from and say so in `figures::spc`.

use crate::oracle::{Row, Tally, calc, grouped, table};
use serde_json::Value;

/// Within this, relative to the larger figure, or to the mean where a limit is near nought.
const TOLERANCE: f64 = 1e-9;

#[test]
fn process_charts_are_those_of_the_package() {
    let Some(options) = table("oracles/spc/spc_options.csv") else { return };
    let series = grouped(table("oracles/spc/spc_series_expected.csv").unwrap(), "series_id");
    let input = grouped(table("oracles/spc/spc_points_input.csv").unwrap(), "series_id");
    let expected = grouped(table("oracles/spc/spc_points_expected.csv").unwrap(), "series_id");
    // A number in JSON is finite.
    let (options, infinite): (Vec<Row>, Vec<Row>) = options
        .into_iter()
        .partition(|option| input[&option["series_id"]].iter().all(|p| p["value"] != "Inf"));

    let lines: Vec<String> =
        options.iter().map(|option| request(option, &input[&option["series_id"]])).collect();
    let (mut plain, mut edge) = (Tally::default(), Tally::default());
    let mut stopped = 0;
    for (option, answer) in options.iter().zip(calc(&lines)) {
        let id = &option["series_id"];
        assert_eq!(answer["error"], Value::Null, "{id}");
        let outcome = &series[id][0];
        if outcome["status"] == "error" {
            stopped += 1;
            continue;
        }
        let tally = if outcome["knife_edge"] == "1" { &mut edge } else { &mut plain };
        compare(tally, id, &answer, outcome, &expected[id]);
    }
    plain.report("spc");
    edge.report("spc, knife edge");
    println!("spc: {stopped} series at which the package stops, {} with infinite values", infinite.len());
    for apart in &edge.labels_apart {
        println!("  {apart}");
    }

    assert_eq!(plain.labels_apart, [String::new(); 0]);
    assert_eq!(plain.missing_apart, [String::new(); 0]);
    assert!(plain.largest_error <= TOLERANCE, "{}", plain.largest_error);
    assert!(edge.largest_error <= TOLERANCE, "{}", edge.largest_error);
}

/// The package's own answer for a constant series can be had by asking for it.
#[test]
fn a_constant_series_has_no_limits_where_that_is_asked_for() {
    let line = |zero_variation| {
        let points: Vec<String> =
            (10..30).map(|day| format!(r#"{{"date":"2025-04-{day}","value":0.95}}"#)).collect();
        format!(
            r#"{{"function":"spc","points":[{}],"target":0.9,"zero_variation":"{zero_variation}"}}"#,
            points.join(",")
        )
    };
    let answers = calc(&[line("limits_on_mean"), line("no_limits")]);
    assert_eq!(
        (&answers[0]["points"][0]["lower"], &answers[0]["assurance"]),
        (&0.95.into(), &"consistent_pass".into())
    );
    assert_eq!(
        (&answers[1]["points"][0]["lower"], &answers[1]["assurance"]),
        (&Value::Null, &"inconsistent".into())
    );
}

fn request(option: &Row, points: &[Row]) -> String {
    let or_null = |text: &str| if text.is_empty() { "null".to_owned() } else { text.to_owned() };
    let points: Vec<String> = points
        .iter()
        .map(|point| format!(r#"{{"date":"{}","value":{}}}"#, point["date"], or_null(&point["value"])))
        .collect();
    let rebase: Vec<String> = option["rebase_dates"]
        .split(';')
        .filter(|date| !date.is_empty())
        .map(|date| format!("\"{date}\""))
        .collect();
    format!(
        r#"{{"id":"{}","function":"spc","points":[{}],"improvement":"{}","target":{},"screen_outliers":{},"fix_after":{},"rebase":[{}]}}"#,
        option["series_id"],
        points.join(","),
        option["improvement_direction"],
        or_null(&option["target"]),
        option["screen_outliers"] == "1",
        or_null(&option["fix_after_n_points"]),
        rebase.join(","),
    )
}

fn compare(tally: &mut Tally, id: &str, answer: &Value, outcome: &Row, expected: &[Row]) {
    tally.cases += 1;
    for (field, column) in [
        ("variation", "variation_type"),
        ("variation_icon", "variation_icon"),
        ("assurance", "assurance_type"),
        ("assurance_icon", "assurance_icon"),
    ] {
        tally.label(&format!("{id} {field}"), &answer[field], &outcome[column]);
    }
    let points = answer["points"].as_array().unwrap();
    assert_eq!(points.len(), expected.len(), "{id}");
    for (ours, theirs) in points.iter().zip(expected) {
        let at = |field| format!("{id} {} {field}", theirs["date"]);
        tally.label(&at("date"), &ours["date"], &theirs["date"]);
        tally.label(&at("group"), &ours["group"].to_string().into(), &theirs["rebase_group"]);
        tally.label(&at("special_cause"), &ours["special_cause"], &theirs["special_cause_type"]);
        tally.label(&at("point_type"), &ours["point_type"], &theirs["point_type"]);
        let mean = theirs["mean"].parse::<f64>().ok().filter(|mean| mean.is_finite()).unwrap_or(0.0).abs();
        for (field, column) in [
            ("mean", "mean"),
            ("lower", "lpl"),
            ("upper", "upl"),
            ("near_lower", "nlpl"),
            ("near_upper", "nupl"),
        ] {
            tally.number(&at(field), &ours[field], &theirs[column], mean);
        }
    }
}
