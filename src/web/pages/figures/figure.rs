//! "How was this worked out?": the steps of any figure of the pack, the figures and the rows that it
//! is made from, and the returns that those stand in.

use super::received::Shown;
use crate::{
    packs::{
        compose::{
            Composed, compose,
            value::{Show, Value, status_of},
        },
        explain::{self, Explanation, Input, MOST_ROWS_SHOWN, SourceRow, explain_in},
    },
    service::Refusal,
    web::{
        answer::Answer,
        asked::Asked,
        drawn::RestsOn,
        page::{Page, Place},
    },
};
use serde::Serialize;
use std::ops::Range;

#[derive(Serialize)]
struct FigurePage {
    /// What is supposed, in sentences; empty where the figure is as it stands.
    supposed: Vec<String>,
    /// Of what: `Falls service`; empty where the column says it all.
    row: String,
    column: String,
    value: String,
    /// The class of a judgement's tag; empty for a figure that is none.
    judged: &'static str,
    meaning: &'static str,
    table: String,
    id: String,
    steps: Vec<Step>,
    rows: Vec<Row>,
    row_count: usize,
    /// Which of the rows stand here; empty where all do.
    rows_here: String,
    earlier_rows: String,
    later_rows: String,
    returns: Vec<Shown>,
    method: String,
}

#[derive(Serialize)]
struct Step {
    clause: String,
    stands_in: String,
    inputs: Vec<Named>,
    arithmetic: String,
    result: String,
}

/// What goes into a step; `place` is empty where it is no figure of the pack.
#[derive(Serialize)]
struct Named {
    name: String,
    words: String,
    place: String,
}

#[derive(Serialize)]
struct Row {
    period: String,
    subject: String,
    says: String,
    /// `Submission 2, row 14`, or the plan.
    from: String,
    place: String,
}

/// Where an explanation stands: as things are, or as they are supposed to be.
pub struct Stand<'s> {
    /// What stands before a figure's id in its address.
    pub figures: String,
    /// What stands after it.
    pub query: &'s str,
    /// What is supposed, in sentences.
    pub supposed: Vec<String>,
    /// Where it was come from, and what that is called.
    pub under: (String, String),
}

pub fn page(asked: &Asked<'_>) -> Result<Answer, Refusal> {
    let place = asked.place("figures")?;
    let area = asked.service.area(asked.area_code())?;
    let position = area.position(place.month);
    let composed = compose(area.source(&position));
    let stand = Stand {
        figures: format!("{}/figures/", place.address()),
        query: "",
        supposed: Vec::new(),
        under: (place.address(), place.month.name()),
    };
    of(asked, &composed, &stand, place)
}

/// The explanation of the figure that the path names.
pub fn of(
    asked: &Asked<'_>,
    composed: &Composed<'_>,
    stand: &Stand<'_>,
    place: Place,
) -> Result<Answer, Refusal> {
    let mark = asked.service.mark();
    asked.figures_page(RestsOn::Everything(mark), || {
        let explanation = explain_in(composed, asked.param("figure")).ok_or(Refusal::Absent)?;
        let shown = shown(asked, &place, stand, explanation)?;
        let name = if shown.row.is_empty() {
            shown.column.clone()
        } else {
            format!("{}: {}", shown.row, shown.column)
        };
        let part = asked.site.pages.part("figures/figure", &shown)?;
        let (under, words) = stand.under.clone();
        let title = format!("How “{name}” was worked out");
        Ok((Page::new("figures/figure", title).under(under, words).at(place), part))
    })
}

fn shown(
    asked: &Asked<'_>,
    place: &Place,
    stand: &Stand<'_>,
    explanation: Explanation,
) -> Result<FigurePage, Refusal> {
    let sources = &explanation.sources;
    let mut numbers: Vec<u32> = sources.rows.iter().map(|row| row.source.submission).collect();
    numbers.sort_unstable();
    numbers.dedup();
    let received = asked.service.received(asked.area_code())?;
    let returns = received.iter().filter(|one| numbers.contains(&one.submission.number));
    let returns: Vec<Shown> = returns.map(|one| Shown::of(asked, one, None)).collect::<Result<_, _>>()?;
    let part = Part::asked_for(asked, sources.rows.len());
    let judged = match &explanation.value {
        Value::Rag(rag) => tag(status_of(*rag)),
        Value::Judged(status, _) => tag(*status),
        _ => "",
    };
    Ok(FigurePage {
        supposed: stand.supposed.clone(),
        value: explanation.value.shown(Show::Plain),
        judged,
        steps: explanation.steps.iter().map(|step| shown_step(step, stand)).collect(),
        rows: sources.rows[part.rows].iter().map(|row| source_row(row, place)).collect(),
        row_count: sources.count,
        rows_here: part.words,
        earlier_rows: part.earlier,
        later_rows: part.later,
        returns,
        method: format!("{}/method", place.address()),
        row: explanation.row,
        column: explanation.column,
        meaning: explanation.meaning,
        table: explanation.title,
        id: explanation.figure,
    })
}

/// The rows that stand on one page, of all that a figure rests on.
struct Part {
    rows: Range<usize>,
    words: String,
    /// Where the rows before and after these are; empty where there are none.
    earlier: String,
    later: String,
}

impl Part {
    fn asked_for(asked: &Asked<'_>, count: usize) -> Part {
        let last = count.div_ceil(MOST_ROWS_SHOWN).max(1);
        let page = asked.query("rows").and_then(|page| page.parse().ok()).unwrap_or(1);
        let page: usize = if (1..=last).contains(&page) { page } else { 1 };
        let rows = (page - 1) * MOST_ROWS_SHOWN..count.min(page * MOST_ROWS_SHOWN);
        let at = |page: usize| {
            let mut query = form_urlencoded::Serializer::new(String::new());
            query.extend_pairs(asked.query.iter().filter(|(name, _)| name != "rows"));
            query.append_pair("rows", &page.to_string());
            format!("{}?{}#rests-on", asked.raw.path, query.finish())
        };
        Part {
            words: match last {
                1 => String::new(),
                _ => format!("Rows {} to {} of {count}", rows.start + 1, rows.end),
            },
            earlier: if page > 1 { at(page - 1) } else { String::new() },
            later: if page < last { at(page + 1) } else { String::new() },
            rows,
        }
    }
}

fn shown_step(step: &explain::Step, stand: &Stand<'_>) -> Step {
    Step {
        clause: step.clause.clone(),
        stands_in: step.stands_in.clone(),
        inputs: step.inputs.iter().map(|input| named(input, stand)).collect(),
        arithmetic: step.arithmetic.clone(),
        result: step.result.shown(Show::Plain),
    }
}

fn named(input: &Input, stand: &Stand<'_>) -> Named {
    let place = |id: &String| format!("{}{id}{}", stand.figures, stand.query);
    Named {
        name: input.name.clone(),
        words: input.value.shown(Show::Plain),
        place: input.figure.as_ref().map(place).unwrap_or_default(),
    }
}

fn source_row(row: &SourceRow, place: &Place) -> Row {
    let number = row.source.submission;
    let is_of_plan = number == 0;
    let at = row.source.row;
    Row {
        period: row.period.clone(),
        subject: row.subject.clone(),
        says: row.says.clone(),
        from: if is_of_plan { "The plan".into() } else { format!("Submission {number}, row {at}") },
        place: if is_of_plan {
            String::new()
        } else {
            format!("{}/received/{number}/rows/{at}", place.address())
        },
    }
}

/// The class of a status's tag.
fn tag(status: crate::packs::document::Status) -> &'static str {
    use crate::packs::document::Status;
    match status {
        Status::Good => "good",
        Status::Watch | Status::Concern => "watch",
        Status::Bad => "bad",
        Status::Improvement => "notice",
        Status::Unknown => "none",
    }
}
