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

    let series_with = |knife_edge: &str| -> Vec<&Row> {
        let stopped = |option: &&Row| series[&option["series_id"]][0]["status"] == "error";
        let edge = |option: &&Row| series[&option["series_id"]][0]["knife_edge"] == knife_edge;
        options.iter().filter(|option| !stopped(option) && edge(option)).collect()
    };
    let tally = |options: &[&Row], zero_variation: &str| {
        let mut tally = Tally::default();
        let lines: Vec<String> = options
            .iter()
            .map(|option| request(option, &input[&option["series_id"]], zero_variation))
            .collect();
        for (option, answer) in options.iter().zip(calc(&lines)) {
            let id = &option["series_id"];
            assert_eq!(answer["error"], Value::Null, "{id}");
            compare(&mut tally, id, &answer, &series[id][0], &expected[id]);
        }
        tally
    };
    let (plain, edge) = (series_with("0"), series_with("1"));
    let ours = tally(&plain, "limits_on_mean");
    let (edge_ours, edge_theirs) = (tally(&edge, "limits_on_mean"), tally(&edge, "no_limits"));
    ours.report("spc");
    edge_ours.report("spc, knife edge, constant series with limits on their mean");
    edge_theirs.report("spc, knife edge, constant series without limits");
    let left_out = options.len() - plain.len() - edge.len();
    println!("spc: {left_out} series at which the package stops, {} with infinite values", infinite.len());

    for tally in [ours, edge_theirs] {
        assert!(tally.labels_apart.is_empty(), "{:#?}", tally.labels_apart);
        assert!(tally.missing_apart.is_empty(), "{:#?}", tally.missing_apart);
        assert!(tally.largest_error <= TOLERANCE, "{}", tally.largest_error);
    }
}

/// The package stops at a missing value among rising or falling ones; every such series has an answer.
#[test]
fn series_at_which_the_package_stops_are_charted() {
    let Some(options) = table("oracles/spc/spc_options.csv") else { return };
    let series = grouped(table("oracles/spc/spc_series_expected.csv").unwrap(), "series_id");
    let input = grouped(table("oracles/spc/spc_points_input.csv").unwrap(), "series_id");
    let stopped = options.iter().filter(|option| series[&option["series_id"]][0]["status"] == "error");
    for option in stopped {
        let points = &input[&option["series_id"]];
        let answer = &calc(&[request(option, points, "limits_on_mean")])[0];
        assert_eq!(answer["points"].as_array().map(Vec::len), Some(points.len()), "{answer}");
    }
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

fn request(option: &Row, points: &[Row], zero_variation: &str) -> String {
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
        r#"{{"id":"{}","function":"spc","points":[{}],"improvement":"{}","target":{},"screen_outliers":{},"fix_after":{},"rebase":[{}],"zero_variation":"{zero_variation}"}}"#,
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
