//! What is out of the ordinary in a month, and so needs somebody to say why.
//!
//! Source: board-pack conventions, `expectations.md` section 5: exceptions have owner, cause, action, date.

use super::value::{Show, Value, money};
use crate::figures::{agreement::AreaPlan, measure::Rag, money::Pence, position::Position};

/// What the subject of a commentary on a measure begins with, and on a scheme.
pub const MEASURE: &str = "measure/";
pub const SCHEME: &str = "scheme/";

/// How a measure or a scheme stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding<'a> {
    /// `measure/NEA` or `scheme/S01`.
    pub subject: String,
    pub name: &'a str,
    /// `Year to date 5,403 against a target of 5,281 (admissions)`; empty where there is nothing to say.
    pub words: String,
    pub rag: Rag,
    /// A measure off plan for the year to date, or a scheme over budget by more than its tolerance.
    pub is_exception: bool,
}

/// How every measure and scheme stands, in the plan's order.
pub fn findings<'a>(plan: &'a AreaPlan, position: &Position) -> Vec<Finding<'a>> {
    let measures = plan.measures.iter().zip(&position.scorecard).map(|(measure, figures)| {
        let to_date = figures.year_to_date;
        let words = to_date.value.zip(to_date.target).map(|(value, target)| {
            let shown = |number| Value::Number(number).shown(Show::Plain);
            format!("Year to date {} against a target of {} ({})", shown(value), shown(target), measure.unit)
        });
        Finding {
            subject: format!("{MEASURE}{}", measure.id),
            name: &measure.name,
            words: words.unwrap_or_default(),
            rag: to_date.rag,
            is_exception: to_date.rag == Rag::Red,
        }
    });
    let is_year_end = position.as_at.month_of_financial_year() == 12;
    let schemes = plan.schemes.iter().zip(&position.fund.schemes).map(|(scheme, figures)| {
        let over = figures.variance_full_year();
        let is_over = over > Pence::ZERO;
        let of = format!("{} on a budget of {}", money(over), money(figures.budget_full_year));
        Finding {
            subject: format!("{SCHEME}{}", scheme.id),
            name: &scheme.name,
            words: match (is_over, is_year_end) {
                (true, false) => format!("Forecast to overspend by {of}"),
                (true, true) => format!("Overspent by {of}"),
                (false, false) => "Not forecast to overspend".into(),
                (false, true) => "Not overspent".into(),
            },
            rag: figures.rag(),
            is_exception: is_over && figures.rag() != Rag::Green,
        }
    });
    measures.chain(schemes).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::packs::example::Example;

    #[test]
    fn a_closed_year_is_told_in_the_past() {
        for (month, begins) in [("2015-11", "Forecast to overspend by £"), ("2015-03", "Overspent by £")] {
            let example = Example::as_at(month, |_, text| text);
            let findings = findings(&example.plan, &example.position);
            let over = findings.iter().find(|one| one.subject.starts_with(SCHEME) && one.is_exception);
            assert!(over.unwrap().words.starts_with(begins), "{over:?}");
        }
    }
}
