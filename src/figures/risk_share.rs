//! The banded risk share: who bears how much of a variance from plan.

use super::{
    agreement::{AreaPlan, Band, RiskShareAgreement},
    fraction::round_half_away,
    fund::FundPosition,
    money::Pence,
    split::{WHOLE_BP, largest_remainder},
    working::Step,
};

/// Which bands of an agreement a variance falls under.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// More was spent than planned.
    Over,
    /// Less was spent than planned, or just as much.
    Under,
}

impl Side {
    pub fn of(variance: Pence) -> Side {
        if variance > Pence::ZERO { Side::Over } else { Side::Under }
    }

    /// The word used in positions and packs.
    pub fn name(self) -> &'static str {
        match self {
            Side::Over => "over",
            Side::Under => "under",
        }
    }
}

impl RiskShareAgreement {
    /// The bands for one side.
    pub fn bands(&self, side: Side) -> &[Band] {
        match side {
            Side::Over => &self.over,
            Side::Under => &self.under,
        }
    }

    /// Lays a variance from `base` out over the bands of its side.
    pub fn share(&self, base: Pence, variance: Pence) -> Banded {
        banded(base, variance, self.bands(Side::of(variance)))
    }
}

/// A variance laid out over the bands of an agreement. The amounts sum to the variance where the last
/// band has no end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Banded {
    pub side: Side,
    pub base: Pence,
    pub variance: Pence,
    /// One a band, lowest first, those that the variance does not reach with nought.
    pub bands: Vec<BandedAmount>,
}

/// What falls into one band, and how it is split. Signs follow the variance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BandedAmount {
    pub number: u32,
    /// How far from plan this band begins, in pence without sign.
    pub from: Pence,
    /// How far from plan it ends; the last has no end.
    pub to: Option<Pence>,
    pub amount: Pence,
    /// Partner (index) and part, in the order of the band's shares; they sum to the amount.
    pub split: Vec<(usize, Pence)>,
}

/// A pool's variance, shared between the partners.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PoolRiskShare {
    pub banded: Banded,
    /// In the order of the plan's partners; their settlements sum to nought.
    pub partners: Vec<PartnerShare>,
}

/// One partner's part in a pool's variance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PartnerShare {
    /// What the agreement makes it bear.
    pub share: Pence,
    /// The part of the variance that already sits with it.
    pub own: Pence,
}

impl PartnerShare {
    /// What the partner still pays, or is paid where below nought.
    pub fn settlement(&self) -> Pence {
        self.share - self.own
    }
}

/// Shares the full-year forecast variance of every pool, in the plan's order; none where no
/// agreement names the pool.
pub fn of_pools(plan: &AreaPlan, fund: &FundPosition) -> Vec<Option<PoolRiskShare>> {
    let positions = fund.pools.iter().zip(&fund.variance_by_pool_and_partner);
    plan.pools
        .iter()
        .zip(positions)
        .map(|(pool, (position, own_variances))| {
            let agreement = plan.risk_share(&pool.id)?;
            let banded = agreement.share(position.budget_full_year, position.variance_full_year());
            let partners = own_variances
                .iter()
                .enumerate()
                .map(|(partner, &own)| PartnerShare { share: banded.share_of(partner), own })
                .collect();
            Some(PoolRiskShare { banded, partners })
        })
        .collect()
}

impl BandedAmount {
    /// A partner's part of the band; nought where the band does not name it.
    pub fn part_of(&self, partner: usize) -> Pence {
        self.split.iter().filter(|(named, _)| *named == partner).map(|(_, part)| *part).sum()
    }
}

impl Banded {
    /// What a partner bears (keeps, where negative) over all bands; nought where none names it.
    pub fn share_of(&self, partner: usize) -> Pence {
        self.bands.iter().map(|band| band.part_of(partner)).sum()
    }

    /// How much of the variance falls into each band, and why.
    pub fn working(&self) -> Vec<Step> {
        let size = self.variance.abs();
        self.bands
            .iter()
            .map(|band| {
                let (from, number) = (band.from, band.number);
                let (clause, reached) = match band.to {
                    Some(to) => (
                        format!("Band {number}: from {from} to {to} away from plan"),
                        format!("the lesser of {size} and {to}"),
                    ),
                    None => (format!("Band {number}: beyond {from} away from plan"), size.to_string()),
                };
                let floor = if size < from { ", not below nought" } else { "" };
                let sign = if self.variance < Pence::ZERO { ", negative as an underspend" } else { "" };
                let arithmetic = format!("{reached}, less {from}{floor}{sign}");
                Step { clause, arithmetic, result: band.amount }
            })
            .collect()
    }
}

/// Lays a variance out over bands and splits what falls into each.
///
/// Band k ends at `base × upper_bp ÷ 10,000`, rounded to the penny, half away from zero; the last has
/// no end. Each band's amount is split by largest remainder, ties to the larger share, then to the
/// lower partner. A positive variance is an overspend.
///
/// Source: `figures.md` part 1 C; the workload's specification, section 6.
pub fn banded(base: Pence, variance: Pence, bands: &[Band]) -> Banded {
    let beyond_plan = variance.abs();
    let mut from = Pence::ZERO;
    let bands = bands
        .iter()
        .map(|band| {
            let to = band.upper_bp.map(|upper_bp| part_of(base, upper_bp));
            let reached = to.map_or(beyond_plan, |to| beyond_plan.min(to));
            let size = (reached - from).max(Pence::ZERO);
            let amount = if variance < Pence::ZERO { -size } else { size };
            let partners = band.shares.iter().map(|(partner, _)| *partner);
            let split = partners.zip(largest_remainder(amount, &band.shares)).collect();
            let begins = from;
            from = to.unwrap_or(from);
            BandedAmount { number: band.number, from: begins, to, amount, split }
        })
        .collect();
    Banded { side: Side::of(variance), base, variance, bands }
}

/// `base × bp ÷ 10,000` to the penny, half away from zero.
fn part_of(base: Pence, bp: i64) -> Pence {
    let exact = i128::from(base.0) * i128::from(bp);
    Pence(i64::try_from(round_half_away(exact, i128::from(WHOLE_BP))).expect("a part of the base is money"))
}

#[cfg(test)]
#[expect(clippy::inconsistent_digit_grouping, reason = "pounds, then pence")]
mod tests {
    use super::*;

    /// The first 2% of plan half and half, the rest a quarter and three quarters.
    fn bands() -> [Band; 2] {
        [
            Band { number: 1, upper_bp: Some(200), shares: vec![(0, 5000), (1, 5000)] },
            Band { number: 2, upper_bp: None, shares: vec![(0, 2500), (1, 7500)] },
        ]
    }

    #[test]
    fn an_overspend_fills_the_lower_band_first() {
        let shared = banded(Pence(1_000_000_00), Pence(30_000_01), &bands());
        // 2% of £1,000,000 is £20,000; £10,000.01 is beyond, of which a quarter is £2,500.0025.
        assert_eq!(shared.bands[0].split, [(0, Pence(10_000_00)), (1, Pence(10_000_00))]);
        assert_eq!(shared.bands[1].amount, Pence(10_000_01));
        assert_eq!(shared.bands[1].split, [(0, Pence(2_500_00)), (1, Pence(7_500_01))]);
        assert_eq!(shared.share_of(1), Pence(17_500_01));
        assert_eq!(shared.side, Side::Over);
    }

    #[test]
    fn a_variance_on_the_end_of_a_band_stays_inside_it() {
        for (variance, amounts) in [
            (19_999_99, [19_999_99, 0]),
            (20_000_00, [20_000_00, 0]),
            (20_000_01, [20_000_00, 1]),
            (-20_000_01, [-20_000_00, -1]),
        ] {
            let shared = banded(Pence(1_000_000_00), Pence(variance), &bands());
            assert_eq!(shared.bands.iter().map(|band| band.amount.0).collect::<Vec<_>>(), amounts);
        }
    }

    #[test]
    fn just_on_plan_counts_as_under_and_moves_no_money() {
        let shared = banded(Pence(1_000_000_00), Pence::ZERO, &bands());
        assert_eq!(shared.side, Side::Under);
        assert_eq!(shared.share_of(0), Pence::ZERO);
    }

    #[test]
    fn the_bands_end_is_rounded_half_away_from_zero() {
        // 2% of £0.25 is half a penny: one penny.
        assert_eq!(banded(Pence(25), Pence(5), &bands()).bands[0].amount, Pence(1));
    }

    #[test]
    fn the_shares_always_sum_to_the_variance() {
        for variance in (-3_000_000..3_000_000).step_by(77_777) {
            let shared = banded(Pence(777_777_77), Pence(variance), &bands());
            assert_eq!(shared.share_of(0) + shared.share_of(1), Pence(variance));
        }
    }
}
