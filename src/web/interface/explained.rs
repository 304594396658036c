//! How a figure was worked out.

use super::documented::{Documented, Gives, of};
use crate::{
    packs::{
        compose::compose,
        explain::{Explanation, MOST_ROWS_SHOWN, explain_in},
    },
    service::Refusal,
    web::{
        answer::Answer,
        asked::Asked,
        routes::{Allows, READERS, Route},
    },
};
use schemars::JsonSchema;
use serde::Serialize;

pub const ROUTES: &[Route] =
    &[Route::get("/api/v1/areas/{area}/months/{month}/figures/{figure}", Allows::InArea(READERS), figure)
        .documented(
            Documented::new(
                "Areas and figures",
                "explainFigure",
                "How a figure was worked out",
                Gives::json("The figure, its steps and what partners sent.", of::<Explained>),
            )
            .noting("The ids of figures stand in the rows of tables."),
        )];

/// A figure, and how it was worked out.
#[derive(Serialize, JsonSchema)]
struct Explained {
    figure: String,
    table: &'static str,
    /// What the table holds, in a sentence.
    title: String,
    row: String,
    column: String,
    /// What the column is.
    meaning: &'static str,
    value: String,
    /// In order; the last gives the value.
    steps: Vec<Step>,
    /// How many rows of returns and of the plan it rests on; the first of them are listed.
    source_count: usize,
    sources: Vec<SourceRow>,
}

/// A step: the rule in words, what goes in, the sum, and what that comes to.
#[derive(Serialize, JsonSchema)]
struct Step {
    clause: String,
    /// Where the rule stands in the plan; empty for a rule that holds for every plan.
    stands_in: String,
    inputs: Vec<Input>,
    arithmetic: String,
    result: String,
}

/// What goes into a step.
#[derive(Serialize, JsonSchema)]
struct Input {
    name: String,
    value: String,
    /// Its id, where it is a figure too.
    figure: Option<String>,
}

/// A row of a return, or of the plan.
#[derive(Serialize, JsonSchema)]
struct SourceRow {
    return_type: &'static str,
    /// 0 for a row of the plan.
    submission: u32,
    row: u32,
    period: String,
    subject: String,
    says: String,
}

fn figure(asked: &Asked<'_>) -> Result<Answer, Refusal> {
    let (area, _, position) = asked.reported()?;
    let composed = compose(area.source(&position));
    let explanation = explain_in(&composed, asked.param("figure")).ok_or(Refusal::Absent)?;
    Ok(Answer::json(&Explained::of(explanation)))
}

impl Explained {
    fn of(explanation: Explanation) -> Explained {
        let steps = explanation.steps.into_iter().map(|step| Step {
            clause: step.clause,
            stands_in: step.stands_in,
            inputs: step
                .inputs
                .into_iter()
                .map(|input| Input {
                    name: input.name,
                    value: input.value.plain().into_owned(),
                    figure: input.figure,
                })
                .collect(),
            arithmetic: step.arithmetic,
            result: step.result.plain().into_owned(),
        });
        let sources = explanation.sources.rows.into_iter().take(MOST_ROWS_SHOWN).map(|row| SourceRow {
            return_type: row.return_type.name(),
            submission: row.source.submission,
            row: row.source.row,
            period: row.period,
            subject: row.subject,
            says: row.says,
        });
        Explained {
            figure: explanation.figure,
            table: explanation.table,
            title: explanation.title,
            row: explanation.row,
            column: explanation.column,
            meaning: explanation.meaning,
            value: explanation.value.plain().into_owned(),
            steps: steps.collect(),
            source_count: explanation.sources.count,
            sources: sources.collect(),
        }
    }
}
