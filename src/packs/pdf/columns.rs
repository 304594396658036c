//! How wide a table's columns are, and how small its type must be for that.

use super::measure::{Ems, points};

/// The smallest type a table is set in before its text columns are squeezed.
const SMALLEST: f32 = 5.5;

/// Each step that type is made smaller by.
const STEP: f32 = 0.2;

/// White at each side of a cell, in thousandths of the type size.
pub const PAD: Ems = 420;

/// What a column's contents need, in thousandths of the type size.
#[derive(Clone, Copy, Debug, Default)]
pub struct Need {
    /// The widest cell on one line.
    pub natural: Ems,
    /// The widest that cannot be broken.
    pub least: Ems,
    /// Numbers stay on one line.
    pub wraps: bool,
    pub share: Option<f32>,
}

/// A table's type size, and the width in points of each column with its white.
#[derive(Clone, Debug, PartialEq)]
pub struct Fit {
    pub size: f32,
    pub widths: Vec<f32>,
}

/// Finds widths for the columns within a measure, starting from a type size.
///
/// Type is made smaller until numbers fit on one line and text in about three; below that, text
/// columns go down to their longest words, and then every column gives way alike.
pub fn fit(needs: &[Need], size: f32, measure: f32) -> Fit {
    let mut size = size;
    let comfortable: Ems = needs.iter().map(|need| comfortable(need) + 2 * PAD).sum();
    let least: Ems = needs.iter().map(|need| least(need) + 2 * PAD).sum();
    while points(comfortable, size) > measure && size - STEP >= SMALLEST {
        size -= STEP;
    }
    let at = |width: Ems| points(width + 2 * PAD, size);
    let lowest: Vec<f32> = if points(comfortable, size) <= measure {
        needs.iter().map(|need| at(self::comfortable(need))).collect()
    } else if points(least, size) <= measure {
        needs.iter().map(|need| at(self::least(need))).collect()
    } else {
        let squeeze = measure / points(least, size);
        let widths = needs.iter().map(|need| at(self::least(need)) * squeeze).collect();
        return Fit { size, widths };
    };
    let wanted: Vec<f32> = needs.iter().map(|need| at(need.natural.max(need.least))).collect();
    let mut widths = raise(&lowest, &wanted, measure);
    spread(&mut widths, needs, measure);
    Fit { size, widths }
}

/// A width at which text takes at most about three lines.
fn comfortable(need: &Need) -> Ems {
    if need.wraps { need.least.max(need.natural.div_ceil(3) + 500).min(need.natural.max(need.least)) } else { need.natural.max(need.least) }
}

fn least(need: &Need) -> Ems {
    if need.wraps { need.least } else { need.natural.max(need.least) }
}

/// Raises every column towards what it wants, the ones that want little first.
fn raise(lowest: &[f32], wanted: &[f32], measure: f32) -> Vec<f32> {
    let mut widths = lowest.to_vec();
    let mut spare = measure - widths.iter().sum::<f32>();
    loop {
        let short: Vec<usize> = (0..widths.len()).filter(|&at| wanted[at] - widths[at] > 0.05).collect();
        if short.is_empty() || spare < 0.1 {
            return widths;
        }
        let each = spare / short.len() as f32;
        for at in short {
            let more = (wanted[at] - widths[at]).min(each);
            widths[at] += more;
            spare -= more;
        }
    }
}

/// Gives what is left to the columns that asked for a share, or else mostly to text. A table that
/// needs little is not pulled out to the whole measure.
fn spread(widths: &mut [f32], needs: &[Need], measure: f32) {
    let used: f32 = widths.iter().sum();
    let shared: f32 = needs.iter().filter_map(|need| need.share).sum();
    let goal = if shared > 0.0 { measure } else { measure.min((used * 1.6).max(measure * 0.6)) };
    let spare = goal - used;
    if spare <= 0.0 {
        return;
    }
    let weight = |at: usize, width: f32| match (shared > 0.0, needs[at].share) {
        (true, share) => share.unwrap_or(0.0),
        (false, _) if needs[at].wraps => width * 1.5,
        (false, _) => width,
    };
    let total: f32 = widths.iter().enumerate().map(|(at, &width)| weight(at, width)).sum();
    for (at, width) in widths.iter_mut().enumerate() {
        *width += spare * weight(at, *width) / total.max(0.01);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(natural: Ems) -> Need {
        Need { natural, least: natural, wraps: false, share: None }
    }

    fn text(natural: Ems, least: Ems) -> Need {
        Need { natural, least, wraps: true, share: None }
    }

    #[test]
    fn numbers_keep_to_one_line_and_text_gives_way() {
        let fit = fit(&[text(60_000, 5_000), number(4_000), number(4_000)], 8.0, 300.0);
        assert_eq!(fit.size, 8.0);
        // A number of 4,000 thousandths at 8 points is 32 points wide, and its white is 6.72 more.
        assert!(fit.widths[1] >= 38.7 && fit.widths[2] >= 38.7);
        assert!(fit.widths.iter().sum::<f32>() <= 300.1);
    }

    #[test]
    fn type_is_made_smaller_before_a_table_of_numbers_outgrows_the_page() {
        // Twelve columns of 48 points at 8 points are 576, and with their white 657.
        let fit = fit(&[number(6_000); 12], 8.0, 500.0);
        assert!(fit.size < 8.0 && fit.size >= SMALLEST - 0.01);
        assert!(fit.widths.iter().sum::<f32>() <= 500.1);
    }

    #[test]
    fn a_table_that_cannot_fit_still_stays_on_the_page() {
        let fit = fit(&[number(9_000); 40], 8.0, 500.0);
        assert!((fit.widths.iter().sum::<f32>() - 500.0).abs() < 0.5);
        assert!(fit.size >= SMALLEST - 0.01);
    }

    #[test]
    fn a_column_with_a_share_has_the_room_that_is_left() {
        let first = Need { share: Some(1.0), ..text(5_000, 3_000) };
        let fit = fit(&[first, number(2_000)], 8.0, 400.0);
        assert!((fit.widths.iter().sum::<f32>() - 400.0).abs() < 0.5);
        assert!((fit.widths[1] - 22.72).abs() < 0.1);
    }

    #[test]
    fn a_small_table_is_not_pulled_out_to_the_whole_measure() {
        let fit = fit(&[text(4_000, 2_000), number(2_000)], 8.0, 500.0);
        assert!(fit.widths.iter().sum::<f32>() <= 300.5);
    }
}
