//! The outcome incentive: the pot, a KPI's part of it, and what it has earned.

use super::{
    Worked,
    bands::split_sum,
    contract, named, scorecard,
    step::{Input, Step, TOTAL, basis_points, minus, number, plus_money},
};
use crate::{
    figures::{
        agreement::{AttainmentRule, Better, Contract, Kpi},
        fraction::{Fraction, round_half_away},
        incentive::{IncentivePosition, achievement},
        money::Pence,
        split::{WHOLE_BP, largest_remainder},
    },
    packs::compose::{
        PackSource,
        figure_id::Located,
        value::{Show, State, Value, money},
    },
};
use rust_decimal::Decimal;

/// A KPI's row, or the sum of the KPIs.
pub(super) fn of_kpi(source: PackSource<'_>, at: &Located<'_, '_>) -> Option<Worked> {
    let plan = source.plan;
    let (agreed, position) = (plan.contract.as_ref()?, source.position.contract.as_ref()?);
    let id = named(at, "measure_id");
    let kpi = plan.kpis.iter().position(|kpi| plan.measures[kpi.measure].id == id);
    let earning = Earning {
        source,
        agreed,
        position: &position.incentive,
        value: position.capitation.total.contract_value,
    };
    let steps = match (kpi, at.field.name.as_ref()) {
        (Some(kpi), "weight") => vec![earning.weight(kpi)],
        (Some(kpi), "year_to_date") => {
            vec![earning.standing(kpi, "The year to date of the scorecard", false)]
        }
        (Some(kpi), "target") => vec![earning.standing(kpi, "The target to date of the scorecard", true)],
        (Some(kpi), "available") => earning.available(kpi),
        (Some(kpi), "achievement") => earning.achievement(kpi),
        (Some(kpi), "earned") => earning.earned(kpi),
        (None, "weight") => vec![earning.all_weights()],
        (None, "available") => vec![earning.pot()],
        (None, "earned") => vec![earning.all_earned()],
        _ => return None,
    };
    let year = source.position.as_at.financial_year();
    let mut sources = match kpi {
        Some(kpi) => scorecard::sources_to_date(source, plan.kpis[kpi].measure, source.position.as_at),
        None => super::Sources::default(),
    };
    if matches!(at.field.name.as_ref(), "available" | "earned") {
        let lines = contract::lines(source, |line| line.month.financial_year() == year);
        sources.add(lines.iter().map(|line| super::sources::capitation(source, line)));
    }
    Some(Worked { steps, sources })
}

struct Earning<'a> {
    source: PackSource<'a>,
    agreed: &'a Contract,
    position: &'a IncentivePosition,
    /// The contract's value to date.
    value: Pence,
}

impl Earning<'_> {
    fn kpi(&self, kpi: usize) -> &Kpi {
        &self.source.plan.kpis[kpi]
    }

    fn id(&self, kpi: usize) -> &str {
        &self.source.plan.measures[self.kpi(kpi).measure].id
    }

    fn input(&self, name: &str, value: Value<'static>, key: &str, field: &str) -> Input {
        Input::figure(name, value, "incentive", &[key], field)
    }

    fn place(&self, kpi: usize) -> String {
        format!("kpis: {}", self.id(kpi))
    }

    fn weight(&self, kpi: usize) -> Step {
        let bp = self.kpi(kpi).weight_bp;
        Step::new("The weight that the plan gives", format!("{bp} basis points"), percent(bp))
            .stands_in(self.place(kpi))
    }

    fn all_weights(&self) -> Step {
        let kpis = 0..self.source.plan.kpis.len();
        let inputs = kpis.map(|kpi| {
            let measure = &self.source.plan.measures[self.kpi(kpi).measure];
            self.input(&measure.name, percent(self.kpi(kpi).weight_bp), &measure.id, "weight")
        });
        let weights = self.source.plan.kpis.iter().map(|kpi| kpi.weight_bp);
        Step::new(
            "The weights together are the whole pot",
            super::step::plus(weights.clone().map(basis_points)),
            percent(weights.sum()),
        )
        .of(inputs)
    }

    /// The year to date of the KPI's measure, or its target, as the scorecard has it.
    fn standing(&self, kpi: usize, clause: &str, of_target: bool) -> Step {
        let position = &self.source.position.scorecard[self.kpi(kpi).measure];
        let field = if of_target { "year_to_date_target" } else { "year_to_date" };
        let value = if of_target {
            Value::number(position.year_to_date.target, State::NoTarget)
        } else {
            Value::number(position.year_to_date.value, State::NotAvailable)
        };
        // The scorecard tells a target that is to be confirmed from one that is not set; the incentive does not.
        let on_card = if of_target {
            scorecard::target_to_date(self.source, self.kpi(kpi).measure)
        } else {
            value.clone()
        };
        let input = Input::figure("On the scorecard", on_card, "scorecard", &[self.id(kpi)], field);
        Step::new(clause, value.shown(Show::Plain), value).of([input])
    }

    /// The pot: the contract's value to date at its incentive.
    fn pot(&self) -> Step {
        let bp = self.agreed.incentive_bp;
        let pot = round_half_away(i128::from(self.value.0) * i128::from(bp), i128::from(WHOLE_BP)) as i64;
        Step::new(
            "The pot is the contract's value to date times its incentive, to the penny, halves away from nought",
            format!("{} × {}", money(self.value), basis_points(bp)),
            Value::Money(Pence(pot)),
        )
        .of([Input::figure(
            "Contract value to date",
            Value::Money(self.value),
            "segments",
            &["year to date", TOTAL],
            "contract_value",
        )])
        .stands_in(format!("contracts: {}, incentive_bp", self.agreed.id))
    }

    fn available(&self, kpi: usize) -> Vec<Step> {
        let plan = self.source.plan;
        let weights: Vec<(&str, i64)> =
            plan.kpis.iter().map(|kpi| (plan.measures[kpi.measure].id.as_str(), kpi.weight_bp)).collect();
        let part = largest_remainder(self.position.pot, &weights)[kpi];
        let bp = self.kpi(kpi).weight_bp;
        let split = Step::new(
            "The measure's part of the pot by its weight; pence left over by rounding down go to the largest remainders",
            split_sum(self.position.pot, bp, part),
            Value::Money(part),
        )
        .of([
            self.input("The pot", Value::Money(self.position.pot), TOTAL, "available"),
            self.input("Weight", percent(bp), self.id(kpi), "weight"),
        ])
        .stands_in(self.place(kpi));
        vec![self.pot(), split]
    }

    fn achievement(&self, kpi: usize) -> Vec<Step> {
        let agreed = self.kpi(kpi);
        let measure = &self.source.plan.measures[agreed.measure];
        let year_to_date = &self.source.position.scorecard[agreed.measure].year_to_date;
        let inputs = [
            self.input(
                "Year to date",
                Value::number(year_to_date.value, State::NotAvailable),
                &measure.id,
                "year_to_date",
            ),
            self.input("Target", Value::number(year_to_date.target, State::NoTarget), &measure.id, "target"),
        ];
        let achieved = achievement(measure.better, agreed.rule, year_to_date);
        let all = Value::Percent((achieved * Fraction::whole(100)).round(2));
        let step = |clause: String, sum: String| {
            Step::new(clause, sum, all.clone()).of(inputs.clone()).stands_in(self.place(kpi))
        };
        let (Some(value), Some(target)) = (year_to_date.value, year_to_date.target) else {
            return vec![step(
                "Without a year to date and a target nothing is achieved".into(),
                String::new(),
            )];
        };
        let (wanted, met) = match measure.better {
            Better::Higher => ("at or above", value >= target),
            Better::Lower => ("at or below", value <= target),
        };
        let is = if met { "is" } else { "is not" };
        let against = format!("{} {is} {wanted} the target of {}", number(value), number(target));
        match (met, agreed.rule) {
            (true, _) => vec![step("A KPI that meets its target achieves all of its part".into(), against)],
            (false, AttainmentRule::Step) => {
                vec![step("A step pays all or nothing: the target is not met".into(), against)]
            }
            (false, AttainmentRule::Linear { floor_bp }) => {
                let share = match measure.better {
                    Better::Higher => WHOLE_BP - floor_bp,
                    Better::Lower => WHOLE_BP + floor_bp,
                };
                let floor = (target * Decimal::from(share) / Decimal::from(WHOLE_BP)).normalize();
                let floor_step = Step::new(
                    format!("The floor lies {} of the target from it", basis_points(floor_bp)),
                    format!("{} × {}", number(target), basis_points(share)),
                    Value::Number(floor),
                )
                .of([inputs[1].clone()])
                .stands_in(self.place(kpi));
                let way = if achieved == Fraction::ZERO {
                    format!("{} is no better than the floor of {}", number(value), number(floor))
                } else {
                    format!("({}) ÷ ({}) × 100, to two decimals", minus(value, floor), minus(target, floor))
                };
                vec![floor_step, step("Achieved is the way from the floor to the target".into(), way)]
            }
        }
    }

    fn earned(&self, kpi: usize) -> Vec<Step> {
        let position = &self.position.kpis[kpi];
        let mut steps = self.achievement(kpi);
        let (part, whole) = (position.achievement.numerator(), position.achievement.denominator());
        let earned =
            (Fraction::whole(i128::from(position.available.0)) * position.achievement).floor() as i64;
        let sum = if position.achievement == Fraction::ONE || position.achievement == Fraction::ZERO {
            format!("{} × {}", money(position.available), percent_words(position.achievement_percent()))
        } else {
            let divisor = greatest_common_divisor(part.unsigned_abs(), whole.unsigned_abs()).max(1) as i128;
            format!(
                "{} × {} ÷ {}, the exact fraction behind {}",
                money(position.available),
                part / divisor,
                whole / divisor,
                percent_words(position.achievement_percent())
            )
        };
        let forfeited = money(position.available - Pence(earned));
        let clause = format!(
            "Earned is what is available times what is achieved, rounded down to the penny; {forfeited} is forfeited"
        );
        let inputs = [
            self.input("Available", Value::Money(position.available), self.id(kpi), "available"),
            self.input(
                "Achieved",
                Value::Percent(position.achievement_percent()),
                self.id(kpi),
                "achievement",
            ),
        ];
        steps.push(Step::new(clause, sum, Value::Money(Pence(earned))).of(inputs));
        steps
    }

    fn all_earned(&self) -> Step {
        let plan = self.source.plan;
        let amounts = || self.position.kpis.iter().map(|kpi| kpi.earned);
        let inputs = plan.kpis.iter().zip(&self.position.kpis).map(|(kpi, position)| {
            let measure = &plan.measures[kpi.measure];
            self.input(&measure.name, Value::Money(position.earned), &measure.id, "earned")
        });
        Step::new(
            format!(
                "The sum of what the KPIs have earned; {} of the pot is forfeited",
                money(self.position.forfeited())
            ),
            plus_money(amounts()),
            Value::Money(amounts().sum()),
        )
        .of(inputs)
    }
}

fn percent(bp: i64) -> Value<'static> {
    Value::Percent(Decimal::from_i128_with_scale(i128::from(bp), 2))
}

fn percent_words(percent: Decimal) -> String {
    format!("{}%", number(percent.normalize()))
}

fn greatest_common_divisor(a: u128, b: u128) -> u128 {
    let (mut a, mut b) = (a, b);
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}
