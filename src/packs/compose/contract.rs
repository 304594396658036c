//! Tables of the capitated contract and its outcome incentive.

use super::{
    PackSource, fund,
    table::{DataRowKind, DataTable, Field, FieldKind, Said, field},
    value::{State, Value},
};
use crate::figures::{agreement::AttainmentRule, capitation::CapitationSum, split::WHOLE_BP};
use rust_decimal::Decimal;

pub fn tables<'a>(source: PackSource<'a>) -> Vec<DataTable<'a>> {
    if source.position.contract.is_none() {
        return Vec::new();
    }
    vec![segments(source), practices(source), months(source), corridor(source), incentive(source)]
}

fn sum_fields(first: impl IntoIterator<Item = Field>) -> Vec<Field> {
    first
        .into_iter()
        .chain([
            field("member_months", FieldKind::Whole, "Members, summed over the months"),
            field("contract_value", FieldKind::Money, "Member months at the contract's rates"),
            field("cost", FieldKind::Money, "What the care cost"),
            field("surplus", FieldKind::Money, "Contract value less cost; below nought is a deficit"),
            field("rate_per_member_month", FieldKind::Money, "Contract value per member per month"),
            field("cost_per_member_month", FieldKind::Money, "Cost per member per month"),
            field("loss_ratio", FieldKind::Percent, "Cost in per cent of contract value"),
        ])
        .collect()
}

fn sum_values<'a>(sum: &CapitationSum) -> [Value<'a>; 7] {
    [
        Value::Whole(sum.member_months),
        Value::Money(sum.contract_value),
        Value::Money(sum.cost),
        Value::Money(sum.surplus()),
        Value::money(sum.rate_per_member_month()),
        Value::money(sum.cost_per_member_month()),
        Value::percent(sum.loss_ratio()),
    ]
}

/// By segment: the year to date, then the same months last year.
fn segments<'a>(source: PackSource<'a>) -> DataTable<'a> {
    let fields = [
        field("period", FieldKind::Text, "year to date, or last year"),
        field("segment_id", FieldKind::Text, "The segment's id"),
        field("segment", FieldKind::Text, "The segment"),
    ];
    let mut table = DataTable::new("segments", "The contract by segment", sum_fields(fields))
        .keyed_by(&["period", "segment_id"], &["segment", "period"]);
    let Some(contract) = &source.position.contract else { return table };
    let capitation = &contract.capitation;
    for (period, sums, total) in [
        ("year to date", &capitation.segments, &capitation.total),
        ("last year", &capitation.segments_last_year, &capitation.total_last_year),
    ] {
        for (segment, sum) in source.plan.segments.iter().zip(sums) {
            let names = [Value::text(period), Value::text(&segment.id), Value::text(&segment.name)];
            table.push(names.into_iter().chain(sum_values(sum)).collect());
        }
        let names = [Value::text(period), Value::text(""), Value::text("Total")];
        table.push_as(DataRowKind::Total, names.into_iter().chain(sum_values(total)).collect());
    }
    table
}

fn practices<'a>(source: PackSource<'a>) -> DataTable<'a> {
    let fields = [
        field("practice_code", FieldKind::Text, "The practice's code"),
        field("practice", FieldKind::Text, "The practice"),
    ];
    let mut table = DataTable::new("practices", "The contract by practice, year to date", sum_fields(fields))
        .keyed_by(&["practice_code"], &["practice"]);
    let Some(contract) = &source.position.contract else { return table };
    for (practice, sum) in source.plan.practices.iter().zip(&contract.capitation.practices) {
        let names = [Value::text(&practice.code), Value::text(&practice.name)];
        table.push(names.into_iter().chain(sum_values(sum)).collect());
    }
    let names = [Value::text(""), Value::text("Total")];
    table.push_as(
        DataRowKind::Total,
        names.into_iter().chain(sum_values(&contract.capitation.total)).collect(),
    );
    table
}

fn months<'a>(source: PackSource<'a>) -> DataTable<'a> {
    let fields = [
        field("month", FieldKind::Month, "The month"),
        field("segment_id", FieldKind::Text, "The segment's id"),
    ];
    let mut table =
        DataTable::new("capitation_months", "The contract by month and segment", sum_fields(fields))
            .keyed_by(&["month", "segment_id"], &["segment_id", "month"]);
    let Some(contract) = &source.position.contract else { return table };
    for (segment, sums) in source.plan.segments.iter().zip(&contract.capitation.months) {
        for (month, sum) in source.plan.windows.capitation.iter().zip(sums) {
            let names = [Value::Month(month), Value::text(&segment.id)];
            table.push(names.into_iter().chain(sum_values(sum)).collect());
        }
    }
    table
}

/// Partner by partner, of those that the corridor names: its part of each band, and its share.
fn corridor<'a>(source: PackSource<'a>) -> DataTable<'a> {
    let corridor =
        source.position.contract.as_ref().and_then(|contract| contract.capitation.corridor.as_ref());
    let bands = corridor.map_or(0, |banded| banded.bands.len());
    let mut fields = vec![
        field("partner_id", FieldKind::Text, "The partner's id"),
        field("partner", FieldKind::Text, "The partner"),
    ];
    fields.extend(fund::band_fields(bands));
    fields.push(field("share", FieldKind::Money, "Its part of cost less contract value"));
    let mut table = DataTable::new("corridor", "Who bears which part of the contract's result", fields)
        .keyed_by(&["partner_id"], &["partner"]);
    let Some(banded) = corridor else { return table };
    let is_named =
        |partner: usize| banded.bands.iter().flat_map(|band| &band.split).any(|&(named, _)| named == partner);
    for (index, partner) in source.plan.partners.iter().enumerate().filter(|(index, _)| is_named(*index)) {
        let mut row = vec![Value::text(&partner.id), Value::text(&partner.name)];
        row.extend(fund::band_values(banded, bands, |band| band.part_of(index)));
        row.push(Value::Money(banded.share_of(index)));
        table.push(row);
    }
    let mut row = vec![Value::text(""), Value::text("Total")];
    row.extend(fund::band_values(banded, bands, |band| band.amount));
    row.push(Value::Money(banded.variance));
    table.push_as(DataRowKind::Total, row);
    table
}

fn incentive<'a>(source: PackSource<'a>) -> DataTable<'a> {
    let mut table = DataTable::new(
        "incentive",
        "What each KPI has earned of the outcome incentive",
        vec![
            field("measure_id", FieldKind::Text, "The measure's id"),
            field("measure", FieldKind::Text, "The measure"),
            field("weight", FieldKind::Percent, "Its part of the pot"),
            field("rule", FieldKind::Text, "How achievement is worked out"),
            field("year_to_date", FieldKind::Number, "The year to date"),
            field("target", FieldKind::Number, "Its target"),
            field("available", FieldKind::Money, "Its part of the pot to date"),
            field("achievement", FieldKind::Percent, "From the floor to the target"),
            field("earned", FieldKind::Money, "Rounded down to the penny"),
        ],
    )
    .keyed_by(&["measure_id"], &["measure"]);
    let Some(contract) = &source.position.contract else { return table };
    for (kpi, position) in source.plan.kpis.iter().zip(&contract.incentive.kpis) {
        let measure = &source.plan.measures[kpi.measure];
        let year_to_date = &source.position.scorecard[kpi.measure].year_to_date;
        table.push(vec![
            Value::text(&measure.id),
            Value::text(&measure.name),
            Value::Percent(basis_points(kpi.weight_bp)),
            match kpi.rule {
                AttainmentRule::Step => Value::text("step"),
                AttainmentRule::Linear { floor_bp } => Value::Text(
                    format!("linear from {}% off target", basis_points(floor_bp).normalize()).into(),
                ),
            },
            Value::number(year_to_date.value, State::NotAvailable),
            Value::number(year_to_date.target, State::NoTarget),
            Value::Money(position.available),
            Value::Percent(position.achievement_percent()),
            Value::Money(position.earned),
        ]);
        if let Some(why) = not_assessed(source, kpi.measure) {
            table.say("achievement", Said::Instead(why.into()));
        }
    }
    table.push_as(
        DataRowKind::Total,
        vec![
            Value::text(""),
            Value::text("Total"),
            Value::Percent(basis_points(WHOLE_BP)),
            Value::text(""),
            Value::text(""),
            Value::text(""),
            Value::Money(contract.incentive.pot),
            Value::text(""),
            Value::Money(contract.incentive.earned),
        ],
    );
    table
}

/// Why a KPI that rests on this measure cannot be assessed; none where it can. It earns nothing as long as
/// that is so (`figures.md` part 1 E), but it has not failed.
pub(super) fn not_assessed(source: PackSource<'_>, measure: usize) -> Option<&'static str> {
    let position = &source.position.scorecard[measure];
    let to_date = &position.year_to_date;
    if to_date.value.is_some() && to_date.target.is_some() {
        return None;
    }
    let as_at = source.position.as_at;
    let year = as_at.financial_year();
    let mut months = position.months.iter();
    let has_target = months.any(|figure| {
        figure.month <= as_at
            && figure.month.financial_year() == year
            && figure.target.is_some_and(|target| target.number().is_some())
    });
    Some(if has_target { "no data: not assessed" } else { "no target: not assessed" })
}

/// Basis points as a percentage with two decimals.
fn basis_points(bp: i64) -> Decimal {
    Decimal::from_i128_with_scale(i128::from(bp), 2)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::packs::{compose::value::Show, example::Example};

    #[test]
    fn a_kpi_without_a_target_is_not_assessed_and_has_not_failed() {
        // In 2014/15 emergency admissions had no target; falls and the rest had.
        let example = Example::as_at("2015-03", |_, text| text);
        let composed = example.composed();
        let table = composed.table("incentive").unwrap();
        let achieved = table.field_index("achievement").unwrap();
        let earned = table.field_index("earned").unwrap();
        let nea = table.rows.iter().find(|row| row.values[0].plain() == "NEA").unwrap();
        assert_eq!(nea.cell(achieved, Show::Plain).text, "no target: not assessed");
        // What it earns is a figure of the contract, and stays.
        assert_eq!(nea.cell(earned, Show::Plain).text, "£0.00");
        assert_eq!(nea.values[achieved].plain(), "0.00");
        let incentive = composed.words.contract.as_ref().unwrap().incentive.as_ref().unwrap();
        assert_eq!((incentive.kpis_not_assessed, incentive.not_assessed.as_str()), (2, "£301,582.33"));
    }

    #[test]
    fn a_kpi_with_a_target_and_a_result_is_assessed() {
        let example = Example::published();
        let source = example.source();
        assert!(source.plan.kpis.iter().all(|kpi| not_assessed(source, kpi.measure).is_none()));
    }
}
