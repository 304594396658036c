//! The scorecard's table, written straight into the page: the one that many look at the moment the
//! figures are in. Its words, figures and ids are those of the pack's own table.

use crate::{
    figures::{
        agreement::Measure,
        fraction::floor,
        measure::{LastMonths, MeasurePosition},
    },
    packs::{
        chart::spark::lone,
        compose::{
            table::{DataRow, DataTable, FieldKind},
            tolerance,
            value::{Show, Value},
        },
        document::Status,
        html::class_of,
    },
    service::live::MeasuresNow,
};

/// A measure's row.
pub struct Shown<'t, 'a> {
    pub measure: &'a Measure,
    pub position: &'t MeasurePosition<()>,
    /// Its place in the plan.
    place: usize,
    row: &'t DataRow<'a>,
    key: String,
}

/// The table's rows with what they are rows of.
pub fn rows<'t, 'a>(
    table: &'t DataTable<'a>,
    measures: &'a MeasuresNow,
    positions: &'t [MeasurePosition<()>],
) -> impl Iterator<Item = Shown<'t, 'a>> {
    let of_measures = measures.agreement().measures.iter().zip(positions).enumerate();
    of_measures
        .zip(table.rows.iter().zip(table.row_keys()))
        .map(|((place, (measure, position)), (row, key))| Shown { measure, position, place, row, key })
}

/// The columns after the measure's name: the table's field, the heading, and the group that
/// neighbours stand under. What decides stands first, where a narrow screen shows it; the last two stand
/// beside the measure's line.
const COLUMNS: [(&str, &str, &str); 12] = [
    ("rag", "Status", "Year to date"),
    ("actual_to_date", "Actual", "Year to date"),
    ("year_to_date_target", "Target", "Year to date"),
    ("latest_rag", "Status", "Latest month"),
    ("latest_month", "Month", "Latest month"),
    ("latest_value", "Actual", "Latest month"),
    ("latest_target", "Target", "Latest month"),
    ("annual_target", "Target", "Full year"),
    ("actual_last_year", "Actual", "Last year"),
    ("actual_change", "Change", "Last year"),
    ("variation", "Variation", "Process chart"),
    ("assurance", "Assurance", "Process chart"),
];

/// The field before which a measure's line stands.
const AFTER_LINE: &str = "variation";

/// How many columns a group has: the process chart's has the line too.
fn columns_of(group: &[(&str, &str, &str)]) -> i64 {
    let has_line = group.iter().any(|(name, ..)| *name == AFTER_LINE);
    group.len() as i64 + i64::from(has_line)
}

/// Draws the rows, each with its measure's last months, which are found by its place in the plan. Links are
/// from the scorecard's own address, for there are some hundred of them.
pub fn draw(
    out: &mut String,
    table: &DataTable<'_>,
    rows: &[Shown<'_, '_>],
    last_months: impl Fn(usize) -> LastMonths,
) {
    out.push_str(
        "<div class=\"paper\"><div class=\"t\" id=\"scorecard\" role=\"region\" tabindex=\"0\" \
         aria-labelledby=\"scorecard_caption\">\n<table class=\"dense wide\">\n\
         <caption id=\"scorecard_caption\"><span>Each measure against target, and what its process chart shows\
         </span></caption>\n",
    );
    headings(out);
    out.push_str("<tbody>\n");
    let field_of = |name: &str| table.field_index(name).expect("the scorecard has the field");
    let columns = COLUMNS.map(|(name, ..)| {
        let is_judgement = table.fields[field_of(name)].kind == FieldKind::Judgement;
        Column {
            field: field_of(name),
            has_line_before: name == AFTER_LINE,
            opening: if is_judgement {
                "<td class=\"s\"><a href=\"figures/scorecard."
            } else {
                "<td><a href=\"figures/scorecard."
            },
            end_of_link: format!(".{name}\">"),
        }
    });
    for shown in rows {
        row(out, shown, &last_months(shown.place), &columns);
    }
    out.push_str("</tbody>\n</table>\n</div></div>\n");
}

fn headings(out: &mut String) {
    out.push_str("<colgroup span=\"1\"></colgroup>");
    let groups = || COLUMNS.chunk_by(|(_, _, a), (_, _, b)| a == b);
    for group in groups() {
        out.push_str("<colgroup span=\"");
        whole(out, columns_of(group));
        out.push_str("\"></colgroup>");
    }
    out.push_str("\n<thead>\n<tr><th scope=\"col\" rowspan=\"2\" class=\"l\">Measure</th>");
    for group in groups() {
        out.push_str("<th scope=\"colgroup\" colspan=\"");
        whole(out, columns_of(group));
        out.push_str("\">");
        out.push_str(group[0].2);
        out.push_str("</th>");
    }
    out.push_str("</tr>\n<tr>");
    for (name, heading, _) in COLUMNS {
        if name == AFTER_LINE {
            out.push_str("<th scope=\"col\">Last 13 months</th>");
        }
        let is_judgement = matches!(name, "latest_rag" | "rag" | "variation" | "assurance");
        out.push_str(if is_judgement { "<th scope=\"col\">" } else { "<th scope=\"col\" class=\"e\">" });
        out.push_str(heading);
        out.push_str("</th>");
    }
    out.push_str("</tr>\n</thead>\n");
}

/// What is the same in every cell of a column.
struct Column {
    field: usize,
    has_line_before: bool,
    /// The cell's beginning, with the link's up to the row's key.
    opening: &'static str,
    end_of_link: String,
}

fn row(out: &mut String, shown: &Shown<'_, '_>, last_months: &LastMonths, columns: &[Column]) {
    out.push_str("<tr><th scope=\"row\"><a href=\"measures/");
    path_part(out, &shown.measure.id);
    out.push_str("\">");
    escaped(out, &shown.measure.name);
    out.push_str("</a> <span class=\"unit\">");
    escaped(out, &shown.measure.unit);
    out.push_str("; ");
    out.push_str(match &shown.row.values[4] {
        Value::Text(better) => better,
        _ => "",
    });
    out.push_str(" is better; tolerance ");
    words(out, &tolerance(shown.measure));
    out.push_str("</span></th>");
    for column in columns {
        if column.has_line_before {
            out.push_str("<td class=\"s\">");
            line(out, shown.position, last_months);
            out.push_str("</td>");
        }
        out.push_str(column.opening);
        out.push_str(&shown.key);
        out.push_str(&column.end_of_link);
        cell(out, &shown.row.values[column.field]);
        out.push_str("</a></td>");
    }
    out.push_str("</tr>\n");
}

fn cell(out: &mut String, value: &Value<'_>) {
    let status = match value {
        Value::Rag(rag) => Some(crate::packs::compose::value::status_of(*rag)),
        Value::Judged(status, _) => Some(*status),
        _ => None,
    };
    match status {
        Some(status) => {
            out.push_str("<span class=\"st ");
            out.push_str(class_of(status.ink()));
            out.push_str("\">");
            icon(out, status);
            words(out, value);
            out.push_str("</span>");
        }
        None => words(out, value),
    }
}

fn words(out: &mut String, value: &Value<'_>) {
    match value {
        Value::Text(text) => escaped(out, text),
        other => other.push_shown(out, Show::Plain), // digits and words of ours
    }
}

/// The shape and colour of a status; its words follow.
fn icon(out: &mut String, status: Status) {
    let class = class_of(status.ink());
    out.push_str("<svg class=\"i ");
    out.push_str(class);
    out.push_str("\" aria-hidden=\"true\"><use href=\"#_");
    out.push_str(class);
    out.push_str("\"/></svg>");
}

/// Width and height of a measure's line, and the room around it for its last point.
const WIDTH: i64 = 96;
const HEIGHT: i64 = 24;
const ROOM: i64 = 4;

/// A measure's last thirteen months as a line, its last point in the colour of the month's status.
/// The figures stand beside it and on the measure's own page.
fn line(out: &mut String, position: &MeasurePosition<()>, last_months: &LastMonths) {
    let values = || last_months.iter().zip(0i64..).filter_map(|(value, month)| Some((month, (*value)?)));
    let (Some(lowest), Some(highest)) =
        (values().map(|value| value.1).min(), values().map(|value| value.1).max())
    else {
        out.push_str("no data");
        return;
    };
    let range = (highest - lowest).max(1);
    let at = |(month, value): (i64, i128)| {
        let x = ROOM + month * (WIDTH - 2 * ROOM) / (last_months.len() as i64 - 1);
        let down = floor((highest - value) * i128::from(HEIGHT - 2 * ROOM), range) as i64;
        (x, if lowest == highest { HEIGHT / 2 } else { ROOM + down })
    };
    out.push_str(
        "<svg class=\"spark\" aria-hidden=\"true\" width=\"96\" height=\"24\" viewBox=\"0 0 96 24\">",
    );
    out.push_str("<path class=\"ka\" stroke-width=\"1.5\" d=\"");
    // The pen is lifted over a month without a value.
    let mut before = None;
    for value in values() {
        let (x, y) = at(value);
        out.push(if before == Some(value.0 - 1) { 'L' } else { 'M' });
        before = Some(value.0);
        whole(out, x);
        out.push(' ');
        whole(out, y);
    }
    let mut is_first = true;
    for month in lone(last_months) {
        out.push_str(if is_first { "\"/><path class=\"o ka\" stroke-width=\"3\" d=\"M" } else { "M" });
        is_first = false;
        let (x, y) = at((month as i64, last_months[month].unwrap_or_default()));
        whole(out, x);
        out.push(' ');
        whole(out, y);
        out.push_str("h0");
    }
    let status = crate::packs::compose::value::status_of(
        position.latest.as_ref().map_or(crate::figures::measure::Rag::NotJudged, |latest| latest.rag),
    );
    if let Some(last) = values().last() {
        let (x, y) = at(last);
        out.push_str("\"/><path class=\"o ");
        out.push_str(class_of(status.ink()));
        out.push_str("\" stroke-width=\"6\" d=\"M");
        whole(out, x);
        out.push(' ');
        whole(out, y);
        out.push_str("h0");
    }
    out.push_str("\"/></svg>");
}

/// Words between tags or in an attribute between double quotes.
pub fn escaped(out: &mut String, words: &str) {
    let mut rest = words;
    while let Some(at) = rest.bytes().position(|byte| matches!(byte, b'&' | b'<' | b'>' | b'"')) {
        out.push_str(&rest[..at]);
        out.push_str(match rest.as_bytes()[at] {
            b'&' => "&amp;",
            b'<' => "&lt;",
            b'>' => "&gt;",
            _ => "&quot;",
        });
        rest = &rest[at + 1..];
    }
    out.push_str(rest);
}

/// An id as a part of a path.
pub fn path_part(out: &mut String, id: &str) {
    for byte in id.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => out.push(char::from(byte)),
            _ => {
                out.push('%');
                for digit in [byte >> 4, byte & 15] {
                    out.push(char::from(b"0123456789ABCDEF"[usize::from(digit)]));
                }
            }
        }
    }
}

/// A whole number, not below nought.
pub fn whole(out: &mut String, number: i64) {
    if number >= 10 {
        whole(out, number / 10);
    }
    out.push(char::from(b'0' + number.rem_euclid(10) as u8));
}
