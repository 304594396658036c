//! Tables of the scorecard.

use super::{
    PackSource,
    table::{DataRowKind, DataTable, FieldKind, field},
    value::{Show, State, Value},
};
use crate::{
    figures::{
        agreement::{AreaPlan, Better, Measure},
        measure::{ActualToDate, MeasurePosition, MonthFigure, Rag, TargetFigure},
        period::Month,
        spc::{Assurance, Variation},
    },
    packs::document::Status,
};
use rust_decimal::Decimal;

pub fn tables<'a>(source: PackSource<'a>) -> [DataTable<'a>; 4] {
    [with_what_judges(source), off_plan(source), months(source), history(source)]
}

/// The scorecard: one row a measure, each with its position.
pub fn of_measures<'a, M>(
    plan: &'a AreaPlan,
    positions: &[MeasurePosition<M>],
    as_at: Month,
) -> DataTable<'a> {
    let mut table = DataTable::new(
        "scorecard",
        "Each measure: latest month and year to date against target, and what its process chart shows",
        vec![
            field("measure_id", FieldKind::Text, "The measure's id"),
            field("measure", FieldKind::Text, "The measure"),
            field("domain", FieldKind::Text, "The part of the scorecard"),
            field("unit", FieldKind::Text, "The unit of its values"),
            field("better", FieldKind::Text, "Which way is better"),
            field("latest_month", FieldKind::Month, "The last month reported"),
            field("latest_value", FieldKind::Number, "Its value"),
            field("latest_target", FieldKind::Number, "Its target"),
            field("latest_rag", FieldKind::Judgement, "How the month stands against its target"),
            field("months", FieldKind::Whole, "How many months the year to date counts"),
            field("year_to_date", FieldKind::Number, "Value over the months with a value and a target"),
            field("year_to_date_target", FieldKind::Number, "Target over the same months"),
            field("annual_target", FieldKind::Number, "Target for the whole year, where one is set apart"),
            field("rag", FieldKind::Judgement, "How the year to date stands against its target"),
            field("last_year", FieldKind::Number, "The year to date at the same point last year"),
            field("change", FieldKind::Number, "Year to date less last year's"),
            field("variation", FieldKind::Judgement, "What the last point of the process chart shows"),
            field(
                "assurance",
                FieldKind::Judgement,
                "Whether the process can be relied on to meet its target",
            ),
            field("actual_to_date", FieldKind::Number, "What was reported to date, with a target or without"),
            field(
                "actual_last_year",
                FieldKind::Number,
                "The same months last year, with a target or without",
            ),
            field("actual_change", FieldKind::Number, "The actual to date less last year's"),
        ],
    )
    .keyed_by(&["measure_id"], &["measure"]);
    for (measure, position) in plan.measures.iter().zip(positions) {
        table.push(row(plan, measure, position, as_at));
    }
    table
}

/// The scorecard with what each measure is judged by.
fn with_what_judges<'a>(source: PackSource<'a>) -> DataTable<'a> {
    let mut table = of_measures(source.plan, &source.position.scorecard, source.position.as_at);
    table.fields.extend([
        field("tolerance", FieldKind::Percent, "How far off its target the measure is within tolerance"),
        field("judged_by", FieldKind::Text, "The measure, its unit, which way is better and its tolerance"),
    ]);
    for (row, measure) in table.rows.iter_mut().zip(&source.plan.measures) {
        row.values.extend([tolerance(measure), judged_by(measure)]);
    }
    table
}

/// The measures off plan for the year to date.
fn off_plan<'a>(source: PackSource<'a>) -> DataTable<'a> {
    let mut table = with_what_judges(source);
    table.name = "off_plan";
    table.title = "Measures off plan for the year to date".into();
    let mut positions = source.position.scorecard.iter();
    table.rows.retain(|_| positions.next().is_some_and(|position| position.year_to_date.rag == Rag::Red));
    table
}

fn row<'a, M>(
    plan: &AreaPlan,
    measure: &'a Measure,
    position: &MeasurePosition<M>,
    as_at: Month,
) -> Vec<Value<'a>> {
    let none_reported = || Value::Missing(none_reported(plan, measure, as_at));
    let actual = &position.actual;
    let latest = position.latest.as_ref();
    let no_target = target_state(position);
    vec![
        Value::text(&measure.id),
        Value::text(&measure.name),
        Value::text(&measure.domain),
        Value::text(&measure.unit),
        Value::text(match measure.better {
            Better::Higher => "higher",
            Better::Lower => "lower",
        }),
        latest.map_or_else(none_reported, |latest| Value::Month(latest.month)),
        latest.map_or_else(none_reported, |latest| Value::Number(latest.value)),
        Value::number(latest.and_then(|latest| latest.target), no_target),
        standing(latest.map_or(Rag::NotJudged, |latest| latest.rag), latest.is_some()),
        Value::Whole(i64::from(position.year_to_date.months)),
        Value::number(position.year_to_date.value, State::NotAvailable),
        Value::number(position.year_to_date.target, no_target),
        annual(position),
        standing(position.year_to_date.rag, actual.value.is_some()),
        Value::number(position.last_year_to_date.value, State::NotAvailable),
        Value::number(position.change, State::NotApplicable),
        variation(position.chart.variation),
        assurance(position.chart.assurance),
        actual.value.map_or_else(|| Value::Missing(none_to_date(plan, measure, as_at)), Value::Number),
        Value::number(actual.last_year, without_last_year(actual)),
        Value::number(actual.change, State::NotApplicable),
    ]
}

/// How something stands against its target; where it has a value, all that it lacks is the target.
pub fn standing<'a>(rag: Rag, has_value: bool) -> Value<'a> {
    match rag {
        Rag::NotJudged if has_value => Value::Judged(Status::Unknown, Status::NO_TARGET),
        rag => Value::Rag(rag),
    }
}

/// The measure's tolerance in per cent of the target: 500 basis points are 5%.
pub fn tolerance<'a>(measure: &Measure) -> Value<'a> {
    // Without noughts at its end.
    Value::Percent(match (measure.amber_bp % 100, measure.amber_bp % 10) {
        (0, _) => Decimal::new(measure.amber_bp / 100, 0),
        (_, 0) => Decimal::new(measure.amber_bp / 10, 1),
        (_, _) => Decimal::new(measure.amber_bp, 2),
    })
}

/// `Admissions (per 100,000; lower is better; tolerance 2%)`.
fn judged_by<'a>(measure: &Measure) -> Value<'a> {
    let better = match measure.better {
        Better::Higher => "; higher is better; tolerance ",
        Better::Lower => "; lower is better; tolerance ",
    };
    let mut words = String::with_capacity(measure.name.len() + measure.unit.len() + 48);
    for part in [&measure.name, " (", &measure.unit, better] {
        words.push_str(part);
    }
    tolerance(measure).push_shown(&mut words, Show::Plain);
    words.push(')');
    Value::Text(words.into())
}

/// Why there is nothing of last year: it was not reported, or there is nothing to hold it against.
pub fn without_last_year(actual: &ActualToDate) -> State {
    if actual.value.is_some() { State::NotAvailable } else { State::NotApplicable }
}

/// Why a measure has no monthly target: to be confirmed, or none set.
fn target_state<M>(position: &MeasurePosition<M>) -> State {
    let targets = position.profile.iter().chain([&position.annual_target]);
    if targets.flatten().any(|target| *target == TargetFigure::ToBeConfirmed) {
        State::ToBeConfirmed
    } else {
        State::NoTarget
    }
}

fn annual<'a, M>(position: &MeasurePosition<M>) -> Value<'a> {
    position.annual_target.map_or(Value::Missing(State::NoTarget), target_value)
}

fn target_value<'a>(target: TargetFigure) -> Value<'a> {
    match target {
        TargetFigure::Number(number) => Value::Number(number),
        TargetFigure::ToBeConfirmed => Value::Missing(State::ToBeConfirmed),
        TargetFigure::NotSet => Value::Missing(State::NoTarget),
    }
}

fn variation<'a>(variation: Variation) -> Value<'a> {
    match variation {
        Variation::None => Value::Missing(State::NotAvailable),
        Variation::Common => Value::text("Common cause"),
        Variation::Improvement => Value::Judged(Status::Improvement, "Improvement"),
        Variation::Concern => Value::Judged(Status::Concern, "Concern"),
    }
}

fn assurance<'a>(assurance: Assurance) -> Value<'a> {
    match assurance {
        Assurance::None => Value::Missing(State::NotApplicable),
        Assurance::Pass => Value::Judged(Status::Good, "Pass"),
        Assurance::Fail => Value::Judged(Status::Bad, "Fail"),
        Assurance::HitOrMiss => Value::text("Hit or miss"),
    }
}

/// Fields of the twelve months of a financial year, April first.
const MONTH_FIELDS: [&str; 12] =
    ["apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec", "jan", "feb", "mar"];

/// Two rows a measure, target and actual, by month and year to date.
fn months<'a>(source: PackSource<'a>) -> DataTable<'a> {
    let mut fields = vec![
        field("measure_id", FieldKind::Text, "The measure's id"),
        field("measure", FieldKind::Text, "The measure and its unit"),
        field("line", FieldKind::Text, "Target or actual"),
        field("annual", FieldKind::Number, "The figure set for the whole year"),
    ];
    fields.extend(MONTH_FIELDS.map(|name| field(name, FieldKind::Number, "The month's figure")));
    fields.push(field("year_to_date", FieldKind::Number, "The year to the reporting month"));
    fields.push(field("rag", FieldKind::Judgement, "How the year to date stands against its target"));
    let mut table = DataTable::new("scorecard_months", "Each measure's target and actual by month", fields)
        .keyed_by(&["measure_id", "line"], &["measure", "line"]);

    let as_at = source.position.as_at;
    for (measure, position) in source.plan.measures.iter().zip(&source.position.scorecard) {
        let name = || Value::Text(format!("{} ({})", measure.name, measure.unit).into());
        let window = source.plan.windows.measures;
        let figures: Vec<Option<&MonthFigure>> = as_at
            .financial_year()
            .months()
            .iter()
            .map(|month| window.position(month).map(|place| &position.months[place]))
            .collect();

        let mut target = vec![Value::text(&measure.id), name(), Value::text("Target"), annual(position)];
        target.extend(
            position.profile.map(|target| target.map_or(Value::Missing(State::NoTarget), target_value)),
        );
        target.push(Value::number(position.year_to_date.target, target_state(position)));
        target.push(standing(position.year_to_date.rag, position.actual.value.is_some()));
        table.push_as(DataRowKind::FirstOf(2), target);

        let mut actual =
            vec![Value::text(&measure.id), name(), Value::text("Actual"), Value::Missing(State::NotDue)];
        actual.extend(
            as_at
                .financial_year()
                .months()
                .iter()
                .zip(&figures)
                .map(|(month, figure)| month_value((source.plan, measure), month, *figure, as_at)),
        );
        actual.push(
            position
                .actual
                .value
                .map_or_else(|| Value::Missing(none_to_date(source.plan, measure, as_at)), Value::Number),
        );
        actual.push(standing(position.year_to_date.rag, position.actual.value.is_some()));
        table.push(actual);
    }
    table
}

fn month_value<'a>(
    (plan, measure): (&AreaPlan, &Measure),
    month: Month,
    figure: Option<&MonthFigure>,
    as_at: Month,
) -> Value<'a> {
    match figure.and_then(|figure| figure.value) {
        Some(value) => Value::Number(value.published),
        None => Value::Missing(month_without(plan, measure, month, as_at)),
    }
}

/// Why a measure has nothing for a month: it was due by the end of `as_at` and is not there, or it was not.
pub fn month_without(plan: &AreaPlan, measure: &Measure, month: Month, as_at: Month) -> State {
    if plan.was_due(measure, month, as_at) { State::Late } else { State::NotDue }
}

/// Why a measure has nothing for any month to `as_at`.
pub fn none_reported(plan: &AreaPlan, measure: &Measure, as_at: Month) -> State {
    let mut months = plan.windows.measures.iter();
    if months.any(|month| plan.was_due(measure, month, as_at)) { State::Late } else { State::NotDue }
}

/// Why a measure has nothing for any month of the year to `as_at`.
pub fn none_to_date(plan: &AreaPlan, measure: &Measure, as_at: Month) -> State {
    let mut months = as_at.financial_year().months().iter();
    if months.any(|month| plan.was_due(measure, month, as_at)) { State::NotAvailable } else { State::NotDue }
}

/// One row a measure and month of the whole window.
fn history<'a>(source: PackSource<'a>) -> DataTable<'a> {
    let mut table = DataTable::new(
        "measure_months",
        "Every month of every measure, with its numerator and denominator: the data behind the charts",
        vec![
            field("measure_id", FieldKind::Text, "The measure's id"),
            field("month", FieldKind::Month, "The month"),
            field("value", FieldKind::Number, "The published value"),
            field("target", FieldKind::Number, "The month's target"),
            field("rag", FieldKind::Judgement, "How the value stands against the target"),
            field("numerator", FieldKind::Number, "What was counted"),
            field("denominator", FieldKind::Number, "What it was counted over"),
        ],
    )
    .keyed_by(&["measure_id", "month"], &["measure_id", "month"]);
    let as_at = source.position.as_at;
    for (measure, position) in source.plan.measures.iter().zip(&source.position.scorecard) {
        for figure in &position.months {
            let hundredths = |units: i64| Decimal::from_i128_with_scale(i128::from(units), 2).normalize();
            let part = |units: Option<i64>| Value::number(units.map(hundredths), State::NotApplicable);
            table.push(vec![
                Value::text(&measure.id),
                Value::Month(figure.month),
                month_value((source.plan, measure), figure.month, Some(figure), as_at),
                figure.target.map_or(Value::Missing(State::NoTarget), target_value),
                standing(figure.rag, figure.value.is_some()),
                part(figure.value.map(|value| value.numerator_hundredths)),
                part(figure.value.and_then(|value| value.denominator_hundredths)),
            ]);
        }
    }
    table
}

/// The month columns, for templates: name of the field and heading.
pub fn month_columns(as_at: Month) -> Vec<(&'static str, String)> {
    let months = as_at.financial_year().months();
    MONTH_FIELDS.into_iter().zip(months.iter().map(Month::short_name)).collect()
}

#[cfg(test)]
mod tests {
    use crate::packs::{
        compose::{Composed, value::Show},
        example::Example,
    };

    /// A figure of the pack as it is shown.
    fn shown(composed: &Composed<'_>, id: &str) -> String {
        composed.figure(id).unwrap_or_else(|| panic!("no figure {id}")).value.shown(Show::Plain)
    }

    fn actual(composed: &Composed<'_>, measure: &str, month: &str) -> String {
        shown(composed, &format!("scorecard_months.{measure}~Actual.{month}"))
    }

    #[test]
    fn a_month_is_late_only_where_its_figure_was_due_by_the_reporting_months_end() {
        let example = Example::published();
        let november = example.composed();
        // Surveys are quarterly, reablement is counted once a year.
        for (measure, month) in [("EXPSOCIAL", "apr"), ("EXPACUTE", "nov"), ("REABLE91", "apr")] {
            assert_eq!(actual(&november, measure, month), "not due", "{measure}, {month}");
        }
        // November's return is due on 10 December.
        assert_eq!(actual(&november, "SAMEADDRESS", "nov"), "not due");

        // January's pack: December's was due on 10 January, January's is due on 10 February.
        let example = Example::as_at("2016-01", |_, text| text);
        let january = example.composed();
        assert_eq!(actual(&january, "SAMEADDRESS", "nov"), "late");
        assert_eq!(actual(&january, "NEA", "dec"), "late");
        assert_eq!(actual(&january, "NEA", "jan"), "not due");
        assert_eq!(actual(&january, "EXPSOCIAL", "dec"), "late");
        assert_eq!(actual(&january, "EXPSOCIAL", "nov"), "not due");
    }

    #[test]
    fn without_days_on_which_returns_are_due_a_months_figure_is_due_when_it_closes() {
        let example = Example::as_at("2016-01", |name, text| match name {
            "returns_due.csv" => "area_code,partner_id,return_type,due_day\n".into(),
            _ => text,
        });
        let january = example.composed();
        assert_eq!(actual(&january, "NEA", "jan"), "late");
        assert_eq!(actual(&january, "REABLE91", "jan"), "not due");
    }

    #[test]
    fn what_was_never_reported_is_late_only_where_it_was_due() {
        let without = |text: String, measure: &str| {
            text.lines().filter(|line| !line.contains(measure)).map(|line| format!("{line}\n")).collect()
        };
        let example = Example::as_at("2014-06", |name, text| match name {
            "measures.csv" if text.starts_with("org_code") => without(text, ",NEA,"),
            _ => text,
        });
        let june = example.composed();
        assert_eq!(shown(&june, "scorecard.NEA.latest_month"), "late");
        assert_eq!(shown(&june, "scorecard.REABLE91.latest_value"), "not due");
    }

    #[test]
    fn what_has_no_target_shows_its_actual_to_date_beside_last_years() {
        let example = Example::published();
        let pack = example.composed();
        let row = |measure: &str| {
            ["actual_to_date", "actual_last_year", "actual_change", "rag", "year_to_date"]
                .map(|field| shown(&pack, &format!("scorecard.{measure}.{field}")))
        };
        // 416 admissions of 92,000 people in eight months are 452.17 per 100,000; a year before 436, 473.91.
        assert_eq!(row("CAREHOMES"), ["452", "474", "−22", "No target", "no data"]);
        // Judged this year, but without targets a year before.
        assert_eq!(row("NEA")[0], "5,460");
        assert_ne!(row("NEA")[1], "no data");
        // The latest survey is September's, in both years.
        assert_eq!(row("EXPACUTE"), ["94", "94", "0", "No target", "no data"]);
        // Nothing is due before March.
        assert_eq!(row("REABLE91"), ["not due", "n/a", "n/a", "No data", "no data"]);
        // With targets in both years they are those of the year to date.
        assert_eq!(row("FRAILADMIT"), ["921", "939", "−18", "Within tolerance", "921"]);
        assert_eq!(shown(&pack, "scorecard.FRAILADMIT.tolerance"), "5%");
    }

    #[test]
    fn last_year_is_not_compared_where_a_month_of_it_was_not_reported() {
        let example = Example::as_at("2015-11", |name, text| match name {
            "measures.csv" if text.starts_with("org_code") => text
                .lines()
                .filter(|line| !line.contains("2014-07,CAREHOMES"))
                .map(|line| format!("{line}\n"))
                .collect(),
            _ => text,
        });
        let pack = example.composed();
        assert_eq!(shown(&pack, "scorecard.CAREHOMES.actual_to_date"), "452");
        assert_eq!(shown(&pack, "scorecard.CAREHOMES.actual_last_year"), "no data");
        assert_eq!(shown(&pack, "scorecard.CAREHOMES.actual_change"), "n/a");
    }
}
