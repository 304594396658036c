//! `outturn explain`: how a figure of an area's pack is worked out, from the returns in the store.

use super::{Database, Failure, month, run};
use crate::{
    figures::{period::Month, position::Position},
    month_end,
    packs::{
        compose::{
            Composed, PackSource, ReturnUsed, compose,
            value::{Show, Value},
        },
        explain::{Explanation, Step, explain_in, named_return},
    },
    store::hex,
};
use clap::Args;
use serde_json::json;
use std::collections::BTreeSet;

/// Say how a figure of a pack is worked out, step by step, down to the rows of the returns
///
/// A figure is named by its table, its row and its column. It is worked out from the plan and the returns
/// that were submitted before; nothing is stored.
///
/// Example: outturn explain schemes.S01.outturn --area E10000002 --as-at 2015-11
#[derive(Args)]
pub struct Explain {
    /// The figure's id
    #[arg(required_unless_present = "list")]
    figure: Option<String>,
    /// The area whose pack it is of
    #[arg(long, value_name = "CODE")]
    area: String,
    /// The reporting month
    #[arg(long, value_name = "YYYY-MM", value_parser = month)]
    as_at: Month,
    /// List the ids of all figures, one a line
    #[arg(long, conflicts_with = "figure")]
    list: bool,
    /// Print as JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    database: Database,
}

impl Explain {
    pub fn run(self) -> Result<(), Failure> {
        let mut store = self.database.open_to_read()?;
        let stored = super::stored_plan(&mut store)?;
        let plan = run::of_areas(stored.plan, std::slice::from_ref(&self.area))?;
        month_end::check_month(&plan, self.as_at)?;
        let area = &plan.areas[0];
        let in_force = store.facts_in_force(area, None)?;
        let returns: Vec<ReturnUsed> = in_force.inputs.iter().map(month_end::return_used).collect();
        let written = store.commentary(Some(&self.area))?;
        let commentary = month_end::commentary_used(area, &written, self.as_at);
        let position = Position::of(area, &in_force.facts, self.as_at);
        let plan_sha256 = hex(&stored.edition.sha256);
        let composed = compose(PackSource {
            plan: area,
            facts: &in_force.facts,
            position: &position,
            returns: &returns,
            plan_sha256: &plan_sha256,
            commentary: Some(&commentary),
            restates: None,
        });
        match &self.figure {
            None => self.list(&composed),
            Some(figure) => {
                let explanation =
                    explain_in(&composed, figure).ok_or_else(|| no_figure(&composed, figure))?;
                if self.json {
                    println!("{}", explanation.json());
                } else {
                    print(&explanation);
                }
            }
        }
        Ok(())
    }

    fn list(&self, composed: &Composed<'_>) {
        if self.json {
            let figures = composed.figures().map(|(figure, at)| {
                json!({
                    "figure": figure,
                    "row": composed.row_words(&at),
                    "column": at.field.words(),
                    "value": at.value.plain(),
                })
            });
            println!("{}", json!({ "figures": figures.collect::<Vec<_>>() }));
        } else {
            for (figure, _) in composed.figures() {
                println!("{figure}");
            }
        }
    }
}

/// Names the nearest that there is: figures of the row, rows of the table, or tables.
fn no_figure(composed: &Composed<'_>, figure: &str) -> Failure {
    let parts: Vec<&str> = figure.splitn(3, '.').collect();
    let figures: Vec<String> = composed.figures().map(|(id, _)| id).collect();
    let of_row = |id: &&String| parts.len() == 3 && id.starts_with(&format!("{}.{}.", parts[0], parts[1]));
    let of_table = |id: &&String| id.starts_with(&format!("{}.", parts[0]));
    let mut lines =
        vec![format!("The pack has no figure {figure}. `outturn explain --list` lists them all.")];
    let mut near: Vec<&String> = figures.iter().filter(of_row).collect();
    if near.is_empty() {
        near = figures.iter().filter(of_table).collect();
    }
    lines.extend(near.into_iter().take(12).map(|id| format!("  {id}")));
    Failure::Refused(lines)
}

fn print(explanation: &Explanation) {
    println!("{}: {}", explanation.row, explanation.column);
    println!("{}", explanation.value.shown(Show::Plain));
    println!("{} ({})", explanation.meaning, explanation.figure);
    if !explanation.steps.is_empty() {
        println!("\nHow it is worked out");
        for (number, step) in (1..).zip(&explanation.steps) {
            print_step(number, step);
        }
    }
    let made_from = explanation.made_from();
    if !made_from.is_empty() {
        println!("\nThe figures that it is made from");
        for input in made_from {
            let figure = input.figure.as_deref().unwrap_or_default();
            println!("  {figure}  {}  {}", input.value.shown(Show::Plain), input.name);
        }
    }
    let sources = &explanation.sources;
    if sources.count > 0 {
        println!("\nWhat it rests on: {}", super::plural(sources.count, "row"));
        for row in sources.first() {
            println!(
                "  {}, row {}: {}, {}: {}",
                named_return(row),
                row.source.row,
                row.period,
                row.subject,
                row.says
            );
        }
        if sources.count > sources.first().len() {
            let more = super::plural(sources.count - sources.first().len(), "more row");
            println!("  and {more}");
        }
        let files: BTreeSet<&ReturnUsed> =
            sources.first().iter().filter_map(|row| row.file.as_ref()).collect();
        for file in files {
            println!("  {}, submission {}: SHA-256 {}", file.file_name, file.submission, file.sha256);
        }
    }
}

fn print_step(number: usize, step: &Step) {
    println!("{number:>3}. {}", step.clause);
    let result = step.result.shown(Show::Plain);
    match &step.result {
        _ if step.arithmetic.is_empty() => println!("     {result}"),
        _ if format!(" = {}", step.arithmetic).ends_with(&format!(" = {result}")) => {
            println!("     {}", step.arithmetic)
        }
        Value::Whole(_) | Value::Money(_) | Value::Number(_) | Value::Percent(_) => {
            println!("     {} = {result}", step.arithmetic);
        }
        Value::Text(_)
        | Value::Month(_)
        | Value::Year(_)
        | Value::Rag(_)
        | Value::Judged(..)
        | Value::Missing(_) => println!("     {}: {result}", step.arithmetic),
    }
    if !step.stands_in.is_empty() {
        println!("     plan, {}", step.stands_in);
    }
}
