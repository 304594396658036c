//! The outcome incentive: a pot, its parts by KPI, and what each has earned.
//!
//! Source: `figures.md` part 1 E; the workload's specification, section 7.

use super::{
    agreement::{AreaPlan, AttainmentRule, Better, Contract},
    fraction::{Fraction, round_half_away},
    measure::{MeasurePosition, YearToDate},
    money::Pence,
    split::{WHOLE_BP, largest_remainder},
};
use rust_decimal::Decimal;

/// What the contract's outcome incentive stands at.
#[derive(Clone, Debug, PartialEq)]
pub struct IncentivePosition {
    pub pot: Pence,
    pub earned: Pence,
    /// In the plan's order.
    pub kpis: Vec<KpiPosition>,
}

impl IncentivePosition {
    pub fn forfeited(&self) -> Pence {
        self.pot - self.earned
    }
}

/// One KPI's part of the pot.
#[derive(Clone, Debug, PartialEq)]
pub struct KpiPosition {
    pub available: Pence,
    /// From nought to one.
    pub achievement: Fraction,
    /// Rounded down to the penny.
    pub earned: Pence,
}

impl KpiPosition {
    /// Per cent with two decimals, rounded half away from zero.
    pub fn achievement_percent(&self) -> Decimal {
        (self.achievement * Fraction::whole(100)).round(2)
    }
}

/// What the incentive has earned on a contract worth `contract_value` to date.
///
/// The pot is the contract's value to date times its incentive; it is split between the KPIs by
/// weight, by largest remainder (ties to the larger weight, then to the lower measure id).
pub fn position(
    plan: &AreaPlan,
    contract: &Contract,
    contract_value: Pence,
    scorecard: &[MeasurePosition],
) -> IncentivePosition {
    let pot = i128::from(contract_value.0) * i128::from(contract.incentive_bp);
    let pot = Pence(round_half_away(pot, i128::from(WHOLE_BP)) as i64);
    let weights: Vec<(&str, i64)> =
        plan.kpis.iter().map(|kpi| (plan.measures[kpi.measure].id.as_str(), kpi.weight_bp)).collect();
    let parts = largest_remainder(pot, &weights);
    let kpis: Vec<KpiPosition> = plan
        .kpis
        .iter()
        .zip(parts)
        .map(|(kpi, available)| {
            let year_to_date = &scorecard[kpi.measure].year_to_date;
            let achievement = achievement(plan.measures[kpi.measure].better, kpi.rule, year_to_date);
            let earned = Fraction::whole(i128::from(available.0)) * achievement;
            KpiPosition { available, achievement, earned: Pence(earned.floor() as i64) }
        })
        .collect();
    IncentivePosition { pot, earned: kpis.iter().map(|kpi| kpi.earned).sum(), kpis }
}

/// How far a KPI has got, from nought to one, on its published year to date.
///
/// One where the target is met. Under `Linear`, the way from the floor to the target; the floor is
/// the target less (where higher is better) or plus its floor. Nought without a value or a target.
pub fn achievement(better: Better, rule: AttainmentRule, year_to_date: &YearToDate) -> Fraction {
    let (Some(value), Some(target)) = (year_to_date.value, year_to_date.target) else {
        return Fraction::ZERO;
    };
    let (value, target) = (Fraction::from(value), Fraction::from(target));
    let met = match better {
        Better::Higher => value >= target,
        Better::Lower => value <= target,
    };
    if met {
        return Fraction::ONE;
    }
    match rule {
        AttainmentRule::Step => Fraction::ZERO,
        AttainmentRule::Linear { floor_bp } => {
            let floor_share = match better {
                Better::Higher => WHOLE_BP - floor_bp,
                Better::Lower => WHOLE_BP + floor_bp,
            };
            let floor = target * Fraction::scaled(i128::from(floor_share), 4);
            let beyond_floor = match better {
                Better::Higher => value > floor,
                Better::Lower => value < floor,
            };
            if beyond_floor {
                (value - floor).over(target - floor).unwrap_or_default()
            } else {
                Fraction::ZERO
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::figures::measure::Rag;

    fn achieved(better: Better, rule: AttainmentRule, value: &str, target: &str) -> String {
        let year_to_date = YearToDate {
            months: 1,
            value: Some(value.parse().unwrap()),
            target: Some(target.parse().unwrap()),
            rag: Rag::NotJudged,
        };
        (achievement(better, rule, &year_to_date) * Fraction::whole(100)).round(2).to_string()
    }

    #[test]
    fn linear_achievement_runs_from_the_floor_to_the_target() {
        // Target 80.0 with a floor 5% below it: 76.0. 78.0 is half way.
        let linear = AttainmentRule::Linear { floor_bp: 500 };
        for (value, percent) in [
            ("75.0", "0.00"),
            ("76.0", "0.00"),
            ("78.0", "50.00"),
            ("79.9", "97.50"),
            ("80.0", "100.00"),
            ("90.0", "100.00"),
        ] {
            assert_eq!(achieved(Better::Higher, linear, value, "80.0"), percent, "{value}");
        }
        // Lower is better: target 10.0, floor 10% above it: 11.0. 10.4 has 0.6 of 1.0.
        let linear = AttainmentRule::Linear { floor_bp: 1000 };
        for (value, percent) in [("11.0", "0.00"), ("10.4", "60.00"), ("10.0", "100.00")] {
            assert_eq!(achieved(Better::Lower, linear, value, "10.0"), percent, "{value}");
        }
    }

    #[test]
    fn a_step_is_all_or_nothing() {
        assert_eq!(achieved(Better::Higher, AttainmentRule::Step, "79.9", "80.0"), "0.00");
        assert_eq!(achieved(Better::Higher, AttainmentRule::Step, "80.0", "80.0"), "100.00");
    }
}
