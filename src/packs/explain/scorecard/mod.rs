//! The scorecard: a month's value, the year to date by the measure's kind, targets, status and change.

mod card;
mod month;
mod year_to_date;

pub(super) use card::{Card, sources_to_date, target_to_date};

use super::{
    Worked, charting, named,
    sources::{self, Sources},
    step::{Step, basis_points},
};
use crate::{
    figures::{
        measure::{MonthFigure, Rag, TargetFigure},
        period::{Month, Period},
    },
    packs::compose::{
        PackSource,
        figure_id::Located,
        none_reported, tolerance,
        value::{Show, State, Value},
    },
};
use card::{hundredths, no_target};
use month::{annual, missing_month, month_status, month_value, set_target, status_to_date};
use year_to_date::{actual_change, actual_last_year, actual_to_date, change, target, year_to_date};

/// A row of the scorecard.
pub(super) fn of_measure(source: PackSource<'_>, at: &Located<'_, '_>) -> Option<Worked> {
    let card = Card::of(source, at)?;
    let as_at = source.position.as_at;
    let latest = card.position.latest.as_ref();
    let this_year = |month: Month| month.financial_year() == as_at.financial_year() && month <= as_at;
    let last_year = |month: Month| {
        month.financial_year() == as_at.financial_year().previous() && month <= as_at.year_before()
    };
    let (steps, sources) = match at.field.name.as_ref() {
        field @ ("latest_month" | "latest_value" | "latest_target" | "latest_rag") => {
            let month = latest.map(|latest| latest.month);
            let figure =
                month.and_then(|month| card.position.months.iter().find(|figure| figure.month == month));
            (of_latest(&card, field, figure), card.sources(|candidate| Some(candidate) == month, true))
        }
        "months" => {
            let counted = card.counting(as_at);
            let names = counted.iter().map(|month| month.figure.month.name());
            let step = Step::new(
                "The months to date that have both a value and a number for a target",
                names.collect::<Vec<_>>().join(", "),
                Value::Whole(counted.len() as i64),
            );
            (vec![step], card.sources(this_year, true))
        }
        "year_to_date" => (year_to_date(&card, as_at), card.sources(this_year, true)),
        "year_to_date_target" => (target(&card, as_at), card.sources(this_year, true)),
        "annual_target" => annual(&card),
        "rag" => (status_to_date(&card), card.sources(this_year, true)),
        "last_year" => (year_to_date(&card, as_at.year_before()), card.sources(last_year, true)),
        "change" => (vec![change(&card)], card.sources(|month| this_year(month) || last_year(month), false)),
        "tolerance" => (of_tolerance(&card), Sources::default()),
        "actual_to_date" => (actual_to_date(&card), card.sources(this_year, true)),
        "actual_last_year" => (actual_last_year(&card), card.sources(last_year, true)),
        "actual_change" => {
            (vec![actual_change(&card)], card.sources(|month| this_year(month) || last_year(month), false))
        }
        "variation" => (charting::variation(&card), card.sources(|_| true, false)),
        "assurance" => (charting::assurance(&card), card.sources(|_| true, false)),
        _ => return None,
    };
    Some(Worked { steps, sources })
}

fn of_tolerance(card: &Card<'_>) -> Vec<Step> {
    let clause = "Off target by at most this part of it, the measure is within tolerance";
    let sum = basis_points(card.measure.amber_bp);
    vec![Step::new(clause, sum, tolerance(card.measure)).stands_in(card.place("amber_bp"))]
}

fn of_latest(card: &Card<'_>, field: &str, figure: Option<&MonthFigure>) -> Vec<Step> {
    let Some(figure) = figure else {
        let state = match field {
            "latest_target" => Value::Missing(no_target(card.position)),
            "latest_rag" => Value::Rag(Rag::NotJudged),
            _ => Value::Missing(none_reported(card.source.plan, card.measure, card.source.position.as_at)),
        };
        return vec![Step::new("No month has been reported yet", "", state)];
    };
    match field {
        "latest_month" => vec![Step::new(
            format!("The last month to {} that was reported", card.source.position.as_at.name()),
            figure.month.name(),
            Value::Month(figure.month),
        )],
        "latest_value" => month_value(card, figure),
        "latest_target" if figure.target.and_then(TargetFigure::number).is_none() => {
            let clause = format!("{} has no number for a target", figure.month.name());
            vec![Step::new(clause, "", Value::Missing(no_target(card.position)))]
        }
        "latest_target" => set_target(card, figure.month, figure.target),
        _ => month_status(card, figure),
    }
}

/// Target or actual of a measure, by month and to date.
pub(super) fn of_line(source: PackSource<'_>, at: &Located<'_, '_>) -> Option<Worked> {
    const MONTHS: [&str; 12] =
        ["apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec", "jan", "feb", "mar"];
    let card = Card::of(source, at)?;
    let is_target = named(at, "line") == "Target";
    let as_at = source.position.as_at;
    let this_year = |month: Month| month.financial_year() == as_at.financial_year() && month <= as_at;
    let (steps, sources) = match (at.field.name.as_ref(), is_target) {
        ("annual", true) => annual(&card),
        ("annual", false) => (
            vec![Step::new(
                "The year has no figure of its own; the months have",
                "",
                Value::Missing(State::NotDue),
            )],
            Sources::default(),
        ),
        ("year_to_date", true) => (target(&card, as_at), card.sources(this_year, true)),
        ("year_to_date", false) => (actual_to_date(&card), card.sources(this_year, true)),
        ("rag", _) => (status_to_date(&card), card.sources(this_year, true)),
        (field, is_target) => {
            let place = MONTHS.iter().position(|name| *name == field)?;
            let month = as_at.financial_year().months().iter().nth(place)?;
            let figure = source.plan.windows.measures.position(month).map(|at| &card.position.months[at]);
            if is_target {
                let period = |period: Period| period == Period::Month(month);
                let shown = card.position.profile[place];
                let sources = Sources::of(card.targets(period).map(|row| sources::target(source, row)));
                (set_target(&card, month, shown), sources)
            } else {
                let steps = match figure {
                    Some(figure) => month_value(&card, figure),
                    None => vec![missing_month(&card, month)],
                };
                (steps, card.sources(|candidate| candidate == month, false))
            }
        }
    };
    Some(Worked { steps, sources })
}

/// A measure in one month.
pub(super) fn of_month(source: PackSource<'_>, at: &Located<'_, '_>) -> Option<Worked> {
    let card = Card::of(source, at)?;
    let month = Month::parse(named(at, "month").as_bytes())?;
    let figure = card.position.months.iter().find(|figure| figure.month == month)?;
    let steps = match at.field.name.as_ref() {
        "value" => month_value(&card, figure),
        "target" => set_target(&card, month, figure.target),
        "rag" => month_status(&card, figure),
        field @ ("numerator" | "denominator") => {
            let counted = card
                .facts(|candidate| candidate == month)
                .last()
                .map(|fact| (Some(fact.numerator_hundredths), fact.denominator_hundredths));
            let (numerator, denominator) = counted.unwrap_or_default();
            let part = if field == "numerator" { numerator } else { denominator };
            let part = Value::number(part.map(hundredths), State::NotApplicable);
            let clause = match (field, counted) {
                (_, None) => "Nothing was reported for the month",
                ("numerator", _) => "What was counted, as the partner reported it",
                (_, _) => "What it was counted over, as the partner reported it",
            };
            vec![Step::new(clause, part.shown(Show::Plain), part)]
        }
        _ => return None,
    };
    let with_targets = matches!(at.field.name.as_ref(), "target" | "rag");
    Some(Worked { steps, sources: card.sources(|candidate| candidate == month, with_targets) })
}
