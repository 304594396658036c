//! The capitated contract: member months at the contract's rates, against cost.

use super::{
    Worked,
    fund::{money_of, percent_of},
    named,
    sources::{self, Sources},
    step::{Input, Step, TOTAL, minus_money, plus, plus_money, whole},
};
use crate::{
    figures::{
        capitation::CapitationSum,
        facts::CapitationLine,
        fraction::round_half_away,
        money::Pence,
        period::{FinancialYear, Month},
    },
    packs::compose::{
        PackSource,
        figure_id::Located,
        value::{Value, money, year_words},
    },
};

/// The contract's lines to the reporting month that count, by month.
pub(super) fn lines<'a>(
    source: PackSource<'a>,
    counts: impl Fn(&CapitationLine) -> bool,
) -> Vec<&'a CapitationLine> {
    let window = source.plan.windows.capitation;
    let mut lines: Vec<&CapitationLine> = source
        .facts
        .capitation
        .iter()
        .filter(|line| line.month <= source.position.as_at && window.contains(line.month) && counts(line))
        .collect();
    lines.sort_by_key(|line| (line.month, line.source));
    lines
}

pub(super) fn sources_of(source: PackSource<'_>, lines: &[&CapitationLine]) -> Sources {
    Sources::of(lines.iter().map(|line| sources::capitation(source, line)))
}

/// A row of one of the contract's tables.
struct Row<'a> {
    source: PackSource<'a>,
    table: &'static str,
    key: Vec<String>,
    sum: CapitationSum,
    lines: Vec<&'a CapitationLine>,
    made: Made<'a>,
}

/// What a row sums.
enum Made<'a> {
    /// Rows of a table: what each is called, its key and its figures.
    Rows { clause: &'static str, table: &'static str, rows: Vec<(String, Vec<String>, CapitationSum)> },
    /// Lines, a term a practice or a segment, at the rates of one year: names, rate's segment and sum.
    Lines { clause: &'static str, year: FinancialYear, terms: Vec<(&'a str, usize, CapitationSum)> },
}

/// A segment's row to date or last year, or the sum of the segments.
pub(super) fn of_segment(source: PackSource<'_>, at: &Located<'_, '_>) -> Option<Worked> {
    let (plan, capitation) = (source.plan, &source.position.contract.as_ref()?.capitation);
    let period = named(at, "period").into_owned();
    let as_at = source.position.as_at;
    let (year, until, sums, total) = if period == "last year" {
        let year = as_at.financial_year().previous();
        (year, as_at.year_before(), &capitation.segments_last_year, capitation.total_last_year)
    } else {
        (as_at.financial_year(), as_at, &capitation.segments, capitation.total)
    };
    let counts = |line: &CapitationLine| line.month.financial_year() == year && line.month <= until;
    let id = named(at, "segment_id");
    let row = match plan.segments.iter().position(|segment| segment.id == id) {
        Some(segment) => Row {
            source,
            table: "segments",
            key: vec![period, id.into_owned()],
            sum: sums[segment],
            lines: lines(source, |line| counts(line) && usize::from(line.segment) == segment),
            made: Made::Rows {
                clause: "The sum of the months",
                table: "capitation_months",
                rows: plan
                    .windows
                    .capitation
                    .iter()
                    .zip(&capitation.months[segment])
                    .filter(|(month, _)| month.financial_year() == year && *month <= until)
                    .map(|(month, sum)| {
                        (month.name(), vec![month.to_string(), plan.segments[segment].id.clone()], *sum)
                    })
                    .collect(),
            },
        },
        None => Row {
            source,
            table: "segments",
            key: vec![period.clone(), TOTAL.into()],
            sum: total,
            lines: lines(source, counts),
            made: Made::Rows {
                clause: "The sum of the segments",
                table: "segments",
                rows: plan
                    .segments
                    .iter()
                    .zip(sums)
                    .map(|(segment, sum)| {
                        (segment.name.clone(), vec![period.clone(), segment.id.clone()], *sum)
                    })
                    .collect(),
            },
        },
    };
    row.worked(at)
}

/// A practice's row, or the sum of the practices.
pub(super) fn of_practice(source: PackSource<'_>, at: &Located<'_, '_>) -> Option<Worked> {
    let (plan, capitation) = (source.plan, &source.position.contract.as_ref()?.capitation);
    let year = source.position.as_at.financial_year();
    let code = named(at, "practice_code");
    let row = match plan.practices.iter().position(|practice| practice.code == code) {
        Some(practice) => {
            let lines = lines(source, |line| {
                line.month.financial_year() == year && usize::from(line.practice) == practice
            });
            let of_segment =
                |segment: usize| sum_of(source, &lines, |line| usize::from(line.segment) == segment);
            Row {
                source,
                table: "practices",
                key: vec![code.into_owned()],
                sum: capitation.practices[practice],
                made: Made::Lines {
                    clause: "a term a segment",
                    year,
                    terms: plan
                        .segments
                        .iter()
                        .enumerate()
                        .map(|(index, segment)| (segment.name.as_str(), index, of_segment(index)))
                        .collect(),
                },
                lines,
            }
        }
        None => Row {
            source,
            table: "practices",
            key: vec![TOTAL.into()],
            sum: capitation.total,
            lines: lines(source, |line| line.month.financial_year() == year),
            made: Made::Rows {
                clause: "The sum of the practices",
                table: "practices",
                rows: plan
                    .practices
                    .iter()
                    .zip(&capitation.practices)
                    .map(|(practice, sum)| (practice.name.clone(), vec![practice.code.clone()], *sum))
                    .collect(),
            },
        },
    };
    row.worked(at)
}

/// A segment's row of one month.
pub(super) fn of_month(source: PackSource<'_>, at: &Located<'_, '_>) -> Option<Worked> {
    let (plan, capitation) = (source.plan, &source.position.contract.as_ref()?.capitation);
    let month = Month::parse(named(at, "month").as_bytes())?;
    let id = named(at, "segment_id");
    let segment = plan.segments.iter().position(|segment| segment.id == id)?;
    let lines = lines(source, |line| line.month == month && usize::from(line.segment) == segment);
    let of_practice = |practice: usize| sum_of(source, &lines, |line| usize::from(line.practice) == practice);
    let row = Row {
        source,
        table: "capitation_months",
        key: vec![month.to_string(), id.into_owned()],
        sum: capitation.months[segment][plan.windows.capitation.position(month)?],
        made: Made::Lines {
            clause: "a term a practice",
            year: month.financial_year(),
            terms: plan
                .practices
                .iter()
                .enumerate()
                .map(|(index, practice)| (practice.name.as_str(), segment, of_practice(index)))
                .collect(),
        },
        lines,
    };
    row.worked(at)
}

/// The lines that `holds` picks, at the contract's rates.
fn sum_of(
    source: PackSource<'_>,
    lines: &[&CapitationLine],
    holds: impl Fn(&CapitationLine) -> bool,
) -> CapitationSum {
    lines.iter().filter(|line| holds(line)).fold(CapitationSum::default(), |sum, line| {
        let rate = source.plan.rate(usize::from(line.segment), line.month).unwrap_or(Pence::ZERO);
        let members = i64::from(line.members);
        CapitationSum {
            member_months: sum.member_months + members,
            contract_value: sum.contract_value + Pence(members * rate.0),
            cost: sum.cost + line.cost,
        }
    })
}

impl Row<'_> {
    fn worked(&self, at: &Located<'_, '_>) -> Option<Worked> {
        let steps = match at.field.name.as_ref() {
            "member_months" => vec![self.members()],
            "contract_value" => self.value(),
            "cost" => vec![self.cost()],
            "surplus" => {
                let (value, cost) = (self.sum.contract_value, self.sum.cost);
                vec![
                    Step::new(
                        "Surplus is contract value less cost; below nought is a deficit",
                        minus_money(value, cost),
                        Value::Money(value - cost),
                    )
                    .of(self.value_and_cost()),
                ]
            }
            "rate_per_member_month" => {
                vec![self.per_member("Contract value", self.sum.contract_value, "contract_value")]
            }
            "cost_per_member_month" => vec![self.per_member("Cost", self.sum.cost, "cost")],
            "loss_ratio" => vec![
                percent_of("Cost in per cent of contract value", self.sum.cost, self.sum.contract_value)
                    .of(self.value_and_cost()),
            ],
            _ => return None,
        };
        Some(Worked { steps, sources: sources_of(self.source, &self.lines) })
    }

    fn input(&self, name: &str, value: Value<'static>, field: &str) -> Input {
        let key: Vec<&str> = self.key.iter().map(String::as_str).collect();
        Input::figure(name, value, self.table, &key, field)
    }

    fn value_and_cost(&self) -> [Input; 2] {
        [
            self.input("Contract value", Value::Money(self.sum.contract_value), "contract_value"),
            self.input("Cost", Value::Money(self.sum.cost), "cost"),
        ]
    }

    fn members(&self) -> Step {
        let (clause, terms, inputs) = match &self.made {
            Made::Rows { clause, table, rows } => {
                let terms: Vec<i64> = rows.iter().map(|(.., sum)| sum.member_months).collect();
                let inputs = row_inputs(table, rows, "member_months", |sum| Value::Whole(sum.member_months));
                ((*clause).to_owned(), terms, inputs)
            }
            Made::Lines { clause, terms, .. } => {
                let inputs = terms
                    .iter()
                    .map(|(name, _, sum)| Input::new(*name, Value::Whole(sum.member_months)))
                    .collect();
                let clause = format!("The members of each month, {clause}");
                (clause, terms.iter().map(|(.., sum)| sum.member_months).collect(), inputs)
            }
        };
        Step::new(clause, plus(terms.iter().map(|term| whole(*term))), Value::Whole(terms.iter().sum()))
            .of(inputs)
    }

    fn cost(&self) -> Step {
        let (clause, terms, inputs) = match &self.made {
            Made::Rows { clause, table, rows } => {
                let terms: Vec<Pence> = rows.iter().map(|(.., sum)| sum.cost).collect();
                ((*clause).to_owned(), terms, row_inputs(table, rows, "cost", |sum| Value::Money(sum.cost)))
            }
            Made::Lines { clause, terms, .. } => {
                let inputs =
                    terms.iter().map(|(name, _, sum)| Input::new(*name, Value::Money(sum.cost))).collect();
                let clause = format!("The cost that was reported, {clause}");
                (clause, terms.iter().map(|(.., sum)| sum.cost).collect(), inputs)
            }
        };
        Step::new(clause, plus_money(terms.iter().copied()), Value::Money(terms.iter().copied().sum()))
            .of(inputs)
    }

    /// Member months at the rate of their segment and year.
    fn value(&self) -> Vec<Step> {
        match &self.made {
            Made::Rows { clause, table, rows } => {
                let amounts = || rows.iter().map(|(.., sum)| sum.contract_value);
                let inputs =
                    row_inputs(table, rows, "contract_value", |sum| Value::Money(sum.contract_value));
                vec![Step::new(*clause, plus_money(amounts()), Value::Money(amounts().sum())).of(inputs)]
            }
            Made::Lines { clause, year, terms } => {
                let plan = self.source.plan;
                let rate_of = |segment: usize| plan.rate(segment, year.first_month());
                let same = terms.windows(2).all(|pair| pair[0].1 == pair[1].1);
                let mut steps = Vec::new();
                if let (true, Some((_, segment, _))) = (same, terms.first()) {
                    // One segment: its members together, at its one rate.
                    let rate = rate_of(*segment).unwrap_or(Pence::ZERO);
                    let members = self.members();
                    let count = terms.iter().map(|(.., sum)| sum.member_months).sum::<i64>();
                    let value = Step::new(
                        "Members at the contract's rate for a member and month",
                        format!("{} × {}", whole(count), money(rate)),
                        Value::Money(Pence(count * rate.0)),
                    );
                    steps.push(members);
                    steps.push(
                        value
                            .of([
                                self.input("Members", Value::Whole(count), "member_months"),
                                Input::new(
                                    format!("Rate of {}", year_words(*year)),
                                    Value::money(rate_of(*segment)),
                                ),
                            ])
                            .stands_in(format!("rates: {}, {year}", plan.segments[*segment].id)),
                    );
                } else {
                    let amounts = || {
                        terms.iter().map(|(_, segment, sum)| {
                            Pence(sum.member_months * rate_of(*segment).unwrap_or(Pence::ZERO).0)
                        })
                    };
                    let sum = terms.iter().map(|(_, segment, sum)| {
                        let rate = rate_of(*segment).unwrap_or(Pence::ZERO);
                        format!("{} × {}", whole(sum.member_months), money(rate))
                    });
                    let inputs = terms.iter().map(|(name, segment, _)| {
                        Input::new(
                            format!("{name}: rate of {}", year_words(*year)),
                            Value::money(rate_of(*segment)),
                        )
                    });
                    steps.push(
                        Step::new(
                            format!("Member months at the contract's rates, {clause}"),
                            plus(sum),
                            Value::Money(amounts().sum()),
                        )
                        .of(inputs)
                        .stands_in(format!("rates: {year}")),
                    );
                }
                debug_assert_eq!(steps.last().map(money_of), Some(self.sum.contract_value));
                steps
            }
        }
    }

    fn per_member(&self, name: &str, amount: Pence, field: &str) -> Step {
        let members = self.sum.member_months;
        let inputs = [
            self.input(name, Value::Money(amount), field),
            self.input("Member months", Value::Whole(members), "member_months"),
        ];
        let sum = format!("{} ÷ {}", money(amount), whole(members));
        let step = if members > 0 {
            let pence = round_half_away(i128::from(amount.0), i128::from(members)) as i64;
            Step::new(
                format!("{name} for each member month, to the penny, halves away from nought"),
                sum,
                Value::Money(Pence(pence)),
            )
        } else {
            Step::new(format!("{name} for each member month: there are no members"), sum, Value::money(None))
        };
        step.of(inputs)
    }
}

fn row_inputs(
    table: &str,
    rows: &[(String, Vec<String>, CapitationSum)],
    field: &str,
    value: impl Fn(&CapitationSum) -> Value<'static>,
) -> Vec<Input> {
    rows.iter()
        .map(|(name, key, sum)| {
            let key: Vec<&str> = key.iter().map(String::as_str).collect();
            Input::figure(name, value(sum), table, &key, field)
        })
        .collect()
}
