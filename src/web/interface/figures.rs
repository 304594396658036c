//! An area's figures as they stand now.

use super::{
    documented::{Body, Documented, Gives, of},
    list::{List, PAGED},
    words::MonthName,
};
use crate::{
    figures::{period::Month, position::Position},
    packs::{
        compose::{
            compose,
            table::{DataRowKind, DataTable, FieldKind},
        },
        data,
        positions::positions_json,
    },
    service::{Refusal, live::AreaNow},
    web::{
        answer::{Answer, CSV, JSON},
        asked::Asked,
        routes::{Allows, READERS, Route},
    },
};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Serialize;
use std::{collections::BTreeMap, sync::Arc};

pub const ROUTES: &[Route] = &[
    Route::get("/api/v1/areas/{area}/months/{month}/position", Allows::InArea(READERS), position).documented(
        Documented::new(
            "Areas and figures",
            "getPosition",
            "Every figure of an area as at a month",
            Gives::json("The position.", position_schema),
        )
        .noting(
            "The figures as they stand now, in the shape of a pack's positions.json: money is \
                          whole pence, decimals are text.",
        ),
    ),
    Route::get("/api/v1/areas/{area}/months/{month}/scorecard", Allows::InArea(READERS), scorecard)
        .documented(
            Documented::new(
                "Areas and figures",
                "getScorecard",
                "The scorecard as at a month",
                Gives::json("Each measure, judged.", of::<Scorecard>),
            )
            .noting("The part of the position that speaks of measures."),
        ),
    Route::get("/api/v1/areas/{area}/months/{month}/tables", Allows::InArea(READERS), tables).documented(
        Documented::new(
            "Areas and figures",
            "listTables",
            "The tables of the pack as it stands now",
            Gives::json("The tables, without their rows.", of::<List<TableNamed>>),
        )
        .asking(PAGED),
    ),
    Route::get("/api/v1/areas/{area}/months/{month}/tables/{table}", Allows::InArea(READERS), table)
        .documented(
            Documented::new(
                "Areas and figures",
                "getTable",
                "A table of the pack as it stands now",
                Gives { status: 200, meaning: "The table and its rows.", body: Body::JsonOrCsv(of::<Table>) },
            )
            .noting("As JSON, or as CSV for whoever sends Accept: text/csv."),
        ),
];

fn position_schema(_: &mut SchemaGenerator) -> Schema {
    json_schema!({
        "type": "object",
        "required": ["area_code", "as_at", "budget", "quality", "rag_counts", "risk_share", "scorecard"],
        "properties": {
            "area_code": { "type": "string" },
            "as_at": { "type": "string", "pattern": "^[0-9]{4}-(0[1-9]|1[0-2])$" },
            "scorecard": { "type": "array", "items": { "type": "object" } },
        },
    })
}

/// The measures of an area as at a month, as `positions.json` has them.
#[derive(Serialize, JsonSchema)]
struct Scorecard {
    area_code: String,
    as_at: MonthName,
    /// How many measures are green, amber, red or not judged.
    rag_counts: serde_json::Map<String, serde_json::Value>,
    measures: Vec<serde_json::Value>,
}

/// A table by its name.
#[derive(Serialize, JsonSchema)]
struct TableNamed {
    table: String,
    /// What it holds, in a sentence.
    title: String,
    rows: usize,
}

/// A table of a pack.
#[derive(Serialize, JsonSchema)]
struct Table {
    table: String,
    /// What it holds, in a sentence.
    title: String,
    columns: Vec<Column>,
    rows: Vec<Row>,
}

/// A column of a table.
#[derive(Serialize, JsonSchema)]
struct Column {
    column: String,
    /// `text`, `whole`, `money` in pounds and pence, `number`, `percent`, `month` or `judgement`.
    kind: &'static str,
    meaning: String,
}

/// A row of a table.
#[derive(Serialize, JsonSchema)]
struct Row {
    /// The sum of the rows above.
    is_total: bool,
    /// A value for each column, as text; one that is not there says why in square brackets.
    values: BTreeMap<String, String>,
    /// The ids by which the row's figures are explained, by column.
    figures: BTreeMap<String, String>,
}

impl Asked<'_> {
    /// The area that the path names, if its month is one to report on.
    pub fn reported(&self) -> Result<(Arc<AreaNow>, Month, Position), Refusal> {
        let (area, month) = (self.service.area(self.area_code())?, self.month()?);
        if !area.reports_on(month) {
            return Err(Refusal::Absent);
        }
        let position = area.position(month);
        Ok((area, month, position))
    }
}

fn position(asked: &Asked<'_>) -> Result<Answer, Refusal> {
    let (area, _, position) = asked.reported()?;
    let body = positions_json(area.agreement(), area.facts(), &position);
    Ok(Answer { status: 200, content_type: JSON, body, headers: Vec::new() })
}

fn scorecard(asked: &Asked<'_>) -> Result<Answer, Refusal> {
    #[derive(serde::Deserialize)]
    struct Whole {
        rag_counts: serde_json::Map<String, serde_json::Value>,
        scorecard: Vec<serde_json::Value>,
    }
    let (area, month, position) = asked.reported()?;
    let whole = positions_json(area.agreement(), area.facts(), &position);
    let whole: Whole = serde_json::from_slice(&whole).map_err(|error| Refusal::Broken(error.to_string()))?;
    Ok(Answer::json(&Scorecard {
        area_code: asked.area_code().to_owned(),
        as_at: MonthName(month),
        rag_counts: whole.rag_counts,
        measures: whole.scorecard,
    }))
}

fn tables(asked: &Asked<'_>) -> Result<Answer, Refusal> {
    let (area, _, position) = asked.reported()?;
    let composed = compose(area.source(&position));
    asked.list(composed.tables.iter().map(|table| TableNamed {
        table: table.name.to_owned(),
        title: table.title.clone(),
        rows: table.rows.len(),
    }))
}

fn table(asked: &Asked<'_>) -> Result<Answer, Refusal> {
    let (area, _, position) = asked.reported()?;
    let composed = compose(area.source(&position));
    let table = composed.table(asked.param("table")).ok_or(Refusal::Absent)?;
    let answer = if asked.best_of(&["application/json", "text/csv"]) == Some("text/csv") {
        Answer::download(CSV, &data::file_name(table), data::csv(table))
    } else {
        Answer::json(&as_json(table))
    };
    Ok(answer.with("vary", "accept".into()))
}

fn as_json(table: &DataTable<'_>) -> Table {
    let columns = table.fields.iter().map(|field| Column {
        column: field.name.to_string(),
        kind: match field.kind {
            FieldKind::Text => "text",
            FieldKind::Whole => "whole",
            FieldKind::Money => "money",
            FieldKind::Number => "number",
            FieldKind::Percent => "percent",
            FieldKind::Month => "month",
            FieldKind::Judgement => "judgement",
        },
        meaning: field.meaning.to_owned(),
    });
    let rows = table.rows.iter().zip(table.row_keys()).map(|(row, key)| Row {
        is_total: row.kind == DataRowKind::Total,
        values: table
            .fields
            .iter()
            .zip(&row.values)
            .map(|(field, value)| (field.name.to_string(), value.plain().into_owned()))
            .collect(),
        figures: table
            .fields
            .iter()
            .enumerate()
            .filter(|(index, _)| table.located(row, *index).is_some())
            .map(|(_, field)| (field.name.to_string(), table.figure_id(&key, field)))
            .collect(),
    });
    Table {
        table: table.name.to_owned(),
        title: table.title.clone(),
        columns: columns.collect(),
        rows: rows.collect(),
    }
}
