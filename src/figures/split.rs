//! Splitting money between shares so that every penny is handed out.

use super::money::Pence;

/// Basis points in the whole: shares of an agreement sum to this.
pub const WHOLE_BP: i64 = 10_000;

/// Splits `amount` in the given shares (basis points) by largest remainder, in the order given.
///
/// Each part is rounded down to the penny; the pence left over go one each to the largest
/// fractions, ties to the larger share, then to the lower key. A negative amount is split as its
/// positive and the signs turned. The parts sum to the amount when the shares sum to 10,000.
///
/// Source: `figures.md` part 1 C; the workload's specification, section 6.
pub fn largest_remainder<K: Ord>(amount: Pence, shares: &[(K, i64)]) -> Vec<Pence> {
    let size = i128::from(amount.0.unsigned_abs());
    let exact = |bp: i64| size * i128::from(bp);
    let whole = i128::from(WHOLE_BP);
    let mut parts: Vec<i128> = shares.iter().map(|(_, bp)| exact(*bp) / whole).collect();
    let left_over = size - parts.iter().sum::<i128>();

    let mut order: Vec<usize> = (0..shares.len()).collect();
    order.sort_by(|&a, &b| {
        let ((key_a, bp_a), (key_b, bp_b)) = (&shares[a], &shares[b]);
        (exact(*bp_b) % whole).cmp(&(exact(*bp_a) % whole)).then(bp_b.cmp(bp_a)).then(key_a.cmp(key_b))
    });
    for &index in order.iter().take(usize::try_from(left_over).unwrap_or(0)) {
        parts[index] += 1;
    }
    parts.into_iter().map(|part| Pence(part as i64 * amount.0.signum())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_left_over_penny_goes_to_the_larger_share_then_the_lower_key() {
        // £10.00 in 3,333 / 3,333 / 3,334: 333.3, 333.3 and 333.4 pence; the one penny goes to the last.
        let parts = largest_remainder(Pence(1000), &[("P1", 3333), ("P2", 3333), ("P3", 3334)]);
        assert_eq!(parts, [Pence(333), Pence(333), Pence(334)]);
        // One penny in halves: a tie, so to the lower key.
        assert_eq!(largest_remainder(Pence(1), &[("P2", 5000), ("P1", 5000)]), [Pence(0), Pence(1)]);
    }

    #[test]
    fn the_parts_always_sum_to_the_amount() {
        for amount in (-100_000..100_000).step_by(777) {
            let parts = largest_remainder(Pence(amount), &[(1, 1667), (2, 1667), (3, 1666), (4, 5000)]);
            assert_eq!(parts.into_iter().sum::<Pence>(), Pence(amount));
        }
    }
}
