//! An explanation for other programs.

use super::{Explanation, Input, SourceRow, Step};
use crate::packs::compose::value::{Show, Value};
use serde_json::{Value as Json, json};

impl Explanation {
    /// The explanation as one JSON object. A value is given as the open data holds it and as it is shown.
    pub fn json(&self) -> Json {
        json!({
            "figure": self.figure,
            "table": self.table,
            "title": self.title,
            "row": self.row,
            "column": self.column,
            "meaning": self.meaning,
            "value": self.value.plain(),
            "shown": self.value.shown(Show::Plain),
            "steps": self.steps.iter().map(step).collect::<Vec<_>>(),
            "made_from": self.made_from().into_iter().map(input).collect::<Vec<_>>(),
            "sources": {
                "count": self.sources.count,
                "rows": self.sources.first().iter().map(row).collect::<Vec<_>>(),
            },
        })
    }
}

fn step(step: &Step) -> Json {
    json!({
        "clause": step.clause,
        "stands_in": step.stands_in,
        "inputs": step.inputs.iter().map(input).collect::<Vec<_>>(),
        "arithmetic": step.arithmetic,
        "result": valued(&step.result),
    })
}

fn input(input: &Input) -> Json {
    json!({ "name": input.name, "figure": input.figure, "value": valued(&input.value) })
}

fn row(row: &SourceRow) -> Json {
    json!({
        "return": row.return_type.name(),
        "submission": row.source.submission,
        "row": row.source.row,
        "file": row.file.as_ref().map(|file| &file.file_name),
        "sha256": row.file.as_ref().map(|file| &file.sha256),
        "period": row.period,
        "subject": row.subject,
        "says": row.says,
    })
}

fn valued(value: &Value<'_>) -> Json {
    json!({ "plain": value.plain(), "shown": value.shown(Show::Plain) })
}
