//! Tables of the pooled fund and its risk share.

use super::{
    PackSource,
    figure_id::PARTNER_COLUMN,
    is_year_end, no_actual,
    table::{DataRowKind, DataTable, Field, FieldKind, Said, field},
    value::{State, Value, money},
};
use crate::figures::{
    fund::BudgetPosition,
    money::Pence,
    risk_share::{Banded, BandedAmount, PartnerShare},
};

/// Stands where a partner has no part: its nought is not a result.
const NO_PART: &str = "–";

pub fn tables<'a>(source: PackSource<'a>) -> [DataTable<'a>; 9] {
    [
        partners(source),
        pools(source),
        schemes(source),
        overspends(source),
        variances(source),
        history(source),
        months(source),
        risk_share(source),
        settlement(source),
    ]
}

fn budget_fields(first: impl IntoIterator<Item = Field>) -> Vec<Field> {
    first
        .into_iter()
        .chain([
            field("budget_to_date", FieldKind::Money, "Budget to the reporting month"),
            field("actual_to_date", FieldKind::Money, "Spend to the reporting month"),
            field("variance_to_date", FieldKind::Money, "Spend less budget; above nought is over"),
            field("variance_to_date_percent", FieldKind::Percent, "Of the budget to date"),
            field("budget_full_year", FieldKind::Money, "Budget for the year"),
            field("outturn", FieldKind::Money, "Actual where there is one, else forecast, for the year"),
            field("variance_full_year", FieldKind::Money, "Outturn less budget; above nought is over"),
            field("variance_full_year_percent", FieldKind::Percent, "Of the full-year budget"),
            field("rag", FieldKind::Judgement, "Red beyond 2% over, amber beyond 0.5% over or 5% under"),
        ])
        .collect()
}

fn budget_values<'a>(position: &BudgetPosition) -> [Value<'a>; 9] {
    [
        Value::Money(position.budget_to_date),
        Value::Money(position.actual_to_date),
        Value::Money(position.variance_to_date()),
        Value::percent(position.variance_to_date_percent()),
        Value::Money(position.budget_full_year),
        Value::Money(position.outturn_full_year),
        Value::Money(position.variance_full_year()),
        Value::percent(position.variance_full_year_percent()),
        Value::Rag(position.rag()),
    ]
}

fn named<'a>(names: impl IntoIterator<Item = Value<'a>>, position: &BudgetPosition) -> Vec<Value<'a>> {
    names.into_iter().chain(budget_values(position)).collect()
}

fn partners<'a>(source: PackSource<'a>) -> DataTable<'a> {
    let fields = [
        field("partner_id", FieldKind::Text, "The partner's id"),
        field("partner", FieldKind::Text, "The partner"),
    ];
    let mut table = DataTable::new("partners", "The fund by partner", budget_fields(fields))
        .keyed_by(&["partner_id"], &["partner"]);
    let lines = no_actual::lines(source);
    for (index, (partner, position)) in
        source.plan.partners.iter().zip(&source.position.fund.partners).enumerate()
    {
        table.push(named([Value::text(&partner.id), Value::text(&partner.name)], position));
        no_actual::mark(&mut table, source, &lines, |line| usize::from(line.partner) == index);
    }
    total(&mut table, source);
    table
}

fn pools<'a>(source: PackSource<'a>) -> DataTable<'a> {
    let fields =
        [field("pool_id", FieldKind::Text, "The pool's id"), field("pool", FieldKind::Text, "The pool")];
    let mut table =
        DataTable::new("pools", "The fund by pool", budget_fields(fields)).keyed_by(&["pool_id"], &["pool"]);
    let lines = no_actual::lines(source);
    for (index, (pool, position)) in source.plan.pools.iter().zip(&source.position.fund.pools).enumerate() {
        table.push(named([Value::text(&pool.id), Value::text(&pool.name)], position));
        no_actual::mark(&mut table, source, &lines, |line| {
            source.plan.schemes[usize::from(line.scheme)].pool == index
        });
    }
    total(&mut table, source);
    table
}

fn total<'a>(table: &mut DataTable<'a>, source: PackSource<'a>) {
    let names = [Value::text(""), Value::text("Total")];
    table.push_as(DataRowKind::Total, named(names, &source.position.fund.total));
    no_actual::mark(table, source, &no_actual::lines(source), |_| true);
}

fn scheme_fields() -> Vec<Field> {
    budget_fields([
        field("scheme_id", FieldKind::Text, "The scheme's id"),
        field("scheme", FieldKind::Text, "The scheme"),
        field("pool", FieldKind::Text, "The pool it is paid from"),
    ])
}

fn scheme_row<'a>(source: PackSource<'a>, index: usize) -> Vec<Value<'a>> {
    let scheme = &source.plan.schemes[index];
    let pool = &source.plan.pools[scheme.pool];
    let names = [Value::text(&scheme.id), Value::text(&scheme.name), Value::text(&pool.name)];
    named(names, &source.position.fund.schemes[index])
}

fn schemes<'a>(source: PackSource<'a>) -> DataTable<'a> {
    let mut table = DataTable::new("schemes", "The fund by scheme", scheme_fields())
        .keyed_by(&["scheme_id"], &["scheme"]);
    let lines = no_actual::lines(source);
    for index in 0..source.plan.schemes.len() {
        table.push(scheme_row(source, index));
        no_actual::mark(&mut table, source, &lines, |line| usize::from(line.scheme) == index);
    }
    if !source.plan.schemes.is_empty() {
        let names = [Value::text(""), Value::text("Total"), Value::text("All pools")];
        table.push_as(DataRowKind::Total, named(names, &source.position.fund.total));
        no_actual::mark(&mut table, source, &lines, |_| true);
    }
    table
}

/// The schemes that are forecast over budget, furthest over first, ties by id.
fn overspends<'a>(source: PackSource<'a>) -> DataTable<'a> {
    let mut table = DataTable::new("overspends", "The schemes forecast over budget", scheme_fields())
        .keyed_by(&["scheme_id"], &["scheme"]);
    let variance = |index: usize| source.position.fund.schemes[index].variance_full_year();
    let mut order: Vec<usize> =
        (0..source.plan.schemes.len()).filter(|&index| variance(index) > Pence::ZERO).collect();
    order.sort_by_key(|&index| (-variance(index), &source.plan.schemes[index].id));
    let lines = no_actual::lines(source);
    for index in order {
        table.push(scheme_row(source, index));
        no_actual::mark(&mut table, source, &lines, |line| usize::from(line.scheme) == index);
    }
    table
}

/// Full-year variance, a row a scheme and a column a partner.
fn variances<'a>(source: PackSource<'a>) -> DataTable<'a> {
    let mut fields = vec![
        field("scheme_id", FieldKind::Text, "The scheme's id"),
        field("scheme", FieldKind::Text, "The scheme"),
    ];
    fields.extend(partner_fields(source));
    fields.push(field("total", FieldKind::Money, "All partners"));
    let mut table = DataTable::new("variances", "Full-year forecast variance by scheme and partner", fields)
        .keyed_by(&["scheme_id"], &["scheme"]);
    let mut sums = vec![Pence::ZERO; source.plan.partners.len()];
    let parts = parts(source);
    for ((scheme, variances), parts) in
        source.plan.schemes.iter().zip(&source.position.fund.variance_by_scheme_and_partner).zip(&parts)
    {
        let mut row = vec![Value::text(&scheme.id), Value::text(&scheme.name)];
        row.extend(variances.iter().map(|&variance| Value::Money(variance)));
        row.push(Value::Money(variances.iter().copied().sum()));
        table.push(row);
        for (partner, _) in source.plan.partners.iter().zip(parts).filter(|(_, has_part)| !**has_part) {
            table.say(&partner.id, Said::Instead(NO_PART.into()));
        }
        for (sum, &variance) in sums.iter_mut().zip(variances) {
            *sum += variance;
        }
    }
    if !source.plan.schemes.is_empty() {
        let mut row = vec![Value::text(""), Value::text("Total")];
        row.extend(sums.iter().map(|&sum| Value::Money(sum)));
        row.push(Value::Money(sums.into_iter().sum()));
        table.push_as(DataRowKind::Total, row);
    }
    table
}

/// By scheme, and in each by partner: whether the partner has a budget or spend in it this year.
pub(super) fn parts(source: PackSource<'_>) -> Vec<Vec<bool>> {
    let year = source.position.as_at.financial_year();
    let mut parts = vec![vec![false; source.plan.partners.len()]; source.plan.schemes.len()];
    for line in source.facts.finance.iter().filter(|line| line.month.financial_year() == year) {
        parts[usize::from(line.scheme)][usize::from(line.partner)] = true;
    }
    parts
}

/// Whether the partner has a part in one of the pool's schemes.
fn is_in_pool(source: PackSource<'_>, parts: &[Vec<bool>], pool: usize, partner: usize) -> bool {
    let schemes = source.plan.schemes.iter().zip(parts);
    schemes.filter(|(scheme, _)| scheme.pool == pool).any(|(_, parts)| parts[partner])
}

/// A column for each partner, called by its id.
fn partner_fields(source: PackSource<'_>) -> impl Iterator<Item = Field> {
    source.plan.partners.iter().map(|partner| Field {
        name: partner.id.clone().into(),
        meaning: PARTNER_COLUMN,
        kind: FieldKind::Money,
    })
}

fn history<'a>(source: PackSource<'a>) -> DataTable<'a> {
    let mut table = DataTable::new(
        "fund_history",
        "Budget and spend by year and pool",
        vec![
            field("year", FieldKind::Text, "The financial year"),
            field("pool", FieldKind::Text, "The pool"),
            field("budget", FieldKind::Money, "Budget for the year"),
            field("spend", FieldKind::Money, "Actual where there is one, else forecast"),
            field("variance", FieldKind::Money, "Spend less budget"),
        ],
    )
    .keyed_by(&["year", "pool"], &["year", "pool"]);
    for (year, pools) in &source.position.fund.history {
        for (pool, sums) in source.plan.pools.iter().zip(pools) {
            table.push(vec![
                Value::Year(*year),
                Value::text(&pool.name),
                Value::Money(sums.budget),
                Value::Money(sums.spend),
                Value::Money(sums.spend - sums.budget),
            ]);
        }
    }
    table
}

fn months<'a>(source: PackSource<'a>) -> DataTable<'a> {
    let mut table = DataTable::new(
        "fund_months",
        "Budget and spend by month",
        vec![
            field("month", FieldKind::Month, "The month"),
            field("budget", FieldKind::Money, "Budget for the month"),
            field("spend", FieldKind::Money, "Actual where there is one, else forecast"),
        ],
    )
    .keyed_by(&["month"], &["month"]);
    for (month, sums) in source.plan.windows.finance.iter().zip(&source.position.fund.months) {
        table.push(vec![Value::Month(month), Value::Money(sums.budget), Value::Money(sums.spend)]);
    }
    table
}

/// Partner by partner: its part of each band, its share, its own variance and its settlement.
fn risk_share<'a>(source: PackSource<'a>) -> DataTable<'a> {
    let pools = || source.plan.pools.iter().zip(&source.position.risk_share);
    let most_bands =
        pools().filter_map(|(_, shares)| Some(shares.as_ref()?.banded.bands.len())).max().unwrap_or(0);
    let mut fields = vec![
        field("pool_id", FieldKind::Text, "The pool"),
        field("partner_id", FieldKind::Text, "The partner's id"),
        field("partner", FieldKind::Text, "The partner"),
    ];
    fields.extend(band_fields(most_bands));
    fields.push(field(
        "share",
        FieldKind::Money,
        "What the agreement makes it bear, or keep where below nought",
    ));
    fields.push(field(
        "own_variance",
        FieldKind::Money,
        "The part of the variance that already sits with it",
    ));
    fields.push(field(
        "settlement",
        FieldKind::Money,
        "Share less own variance: what it pays, or is paid where below nought",
    ));
    let mut table = DataTable::new("risk_share", "Who bears which part of each pool's variance", fields)
        .keyed_by(&["pool_id", "partner_id"], &["pool_id", "partner"]);
    let parts = parts(source);
    for (pool_index, (pool, shares)) in pools().enumerate() {
        let Some(shares) = shares else { continue };
        for (index, (partner, share)) in source.plan.partners.iter().zip(&shares.partners).enumerate() {
            let mut row = vec![Value::text(&pool.id), Value::text(&partner.id), Value::text(&partner.name)];
            row.extend(band_values(&shares.banded, most_bands, |band| band.part_of(index)));
            row.extend([share.share, share.own, share.settlement()].map(Value::Money));
            table.push(row);
            say_no_part(&mut table, &shares.banded, index, is_in_pool(source, &parts, pool_index, index));
        }
        let sum = |amount: fn(&PartnerShare) -> Pence| Value::Money(shares.partners.iter().map(amount).sum());
        let mut row = vec![Value::text(&pool.id), Value::text(""), Value::text("Total")];
        row.extend(band_values(&shares.banded, most_bands, |band| band.amount));
        row.extend([sum(|share| share.share), sum(|share| share.own), sum(PartnerShare::settlement)]);
        table.push_as(DataRowKind::Total, row);
    }
    table
}

/// Says of the row that was pushed last which bands do not name the partner, and where it has no part in
/// the pool at all: its noughts are no results.
fn say_no_part(table: &mut DataTable<'_>, banded: &Banded, partner: usize, is_in_pool: bool) {
    let is_named = |band: &BandedAmount| band.split.iter().any(|(named, _)| *named == partner);
    for (place, _) in (1..).zip(&banded.bands).filter(|(_, band)| !is_named(band)) {
        table.say(&band_field(place), Said::Instead(NO_PART.into()));
    }
    let shares = banded.bands.iter().any(is_named);
    let without: &[&str] = match (shares, is_in_pool) {
        (false, false) => &["share", "own_variance", "settlement"],
        (false, true) => &["share"],
        (true, false) => &["own_variance"],
        (true, true) => &[],
    };
    for field in without {
        table.say(field, Said::Instead(NO_PART.into()));
    }
}

/// A column for each band, lowest first.
pub(super) fn band_fields(bands: usize) -> impl Iterator<Item = Field> {
    (1..=bands).map(|place| Field {
        name: band_field(place).into(),
        meaning: "The part of this band of the variance, lowest band first",
        kind: FieldKind::Money,
    })
}

/// `band_1` for the lowest.
pub(super) fn band_field(place: usize) -> String {
    format!("band_{place}")
}

/// One amount of each band; bands that this side does not have do not apply.
pub(super) fn band_values<'a>(
    banded: &Banded,
    most_bands: usize,
    amount: impl Fn(&BandedAmount) -> Pence,
) -> Vec<Value<'a>> {
    let mut values: Vec<Value<'a>> = banded.bands.iter().map(|band| Value::Money(amount(band))).collect();
    values.resize(most_bands, Value::Missing(State::NotApplicable));
    values
}

/// `Band 1: up to £20,000.00`.
pub(super) fn band_name(band: &BandedAmount) -> String {
    match band.to {
        Some(end) => format!("Band {}: up to {}", band.number, money(end)),
        None => format!("Band {}: all beyond", band.number),
    }
}

/// What open data says of a forecast, as it is said of a year that has ended.
fn settled(direction: &str) -> Option<&'static str> {
    match direction {
        "would pay" => Some("pays"),
        "would be paid" => Some("is paid"),
        _ => None,
    }
}

fn settlement<'a>(source: PackSource<'a>) -> DataTable<'a> {
    let mut table = DataTable::new(
        "settlement",
        "What each partner pays, or is paid where below nought, to settle all pools",
        vec![
            field("partner_id", FieldKind::Text, "The partner's id"),
            field("partner", FieldKind::Text, "The partner"),
            field("settlement", FieldKind::Money, "Share of all variances less the partner's own"),
            field("direction", FieldKind::Text, "Whether the partner pays or is paid"),
        ],
    )
    .keyed_by(&["partner_id"], &["partner"]);
    for (partner, &amount) in source.plan.partners.iter().zip(&source.position.settlement) {
        let direction = match amount.0.signum() {
            1 => "would pay",
            -1 => "would be paid",
            _ => "nothing to settle",
        };
        table.push(vec![
            Value::text(&partner.id),
            Value::text(&partner.name),
            Value::Money(amount),
            Value::text(direction),
        ]);
        if let Some(was) = is_year_end(source).then(|| settled(direction)).flatten() {
            table.say("direction", Said::Instead(was.into()));
        }
    }
    if source.position.risk_share.iter().any(Option::is_some) {
        let sum = source.position.settlement.iter().copied().sum();
        let total = [Value::text(""), Value::text("Total"), Value::Money(sum), Value::text("")];
        table.push_as(DataRowKind::Total, total.into());
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::packs::{compose::value::Show, example::Example};

    #[test]
    fn a_partner_without_a_part_in_a_scheme_has_no_nought_there() {
        let example = Example::published();
        let composed = example.composed();
        let table = composed.table("variances").unwrap();
        let cell = |partner: &str| {
            let row = table.rows.iter().find(|row| row.values[0].plain() == "S10").unwrap();
            let field = table.field_index(partner).unwrap();
            (row.cell(field, Show::SignedPounds), row.values[field].plain().into_owned())
        };
        // The Red Cross scheme is the Red Cross's alone in the returns; open data keeps the nought.
        assert_eq!(cell("BHT").0.text, NO_PART);
        assert_eq!(cell("BHT").1, "0.00");
        assert_ne!(cell("REDCROSS").0.text, NO_PART);
    }

    #[test]
    fn the_settlement_has_a_total_in_which_what_is_paid_is_what_is_received() {
        let example = Example::published();
        let composed = example.composed();
        let total = composed.table("settlement").unwrap().rows.last().unwrap();
        assert_eq!((total.kind, &total.values[2]), (DataRowKind::Total, &Value::Money(Pence::ZERO)));
    }

    #[test]
    fn a_year_that_has_ended_is_settled() {
        let example = Example::as_at("2015-03", |_, text| text);
        let composed = example.composed();
        let table = composed.table("settlement").unwrap();
        for row in table.rows.iter().filter(|row| row.kind == DataRowKind::Body) {
            assert!(!row.cell(3, Show::Plain).text.starts_with("would"), "{row:?}");
        }
    }
}
