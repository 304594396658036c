//! How wide a table's columns are, and how small its type must be for that.

use super::super::measure::{Ems, points};

/// Text no wider than this, in thousandths of the type size, is not broken if that can be helped.
const SHORT: Ems = 8_000;

/// A line of a comment: text of any length is content with this width.
const LONG: Ems = 26_000;

/// What the columns that name the rows have in every part of a broad table, if they need it.
const NAMING: Ems = 14_000;

/// The smallest type a table is set in.
const SMALLEST: f32 = 5.5;

/// The share of its size that type is left at for the sake of keeping all text on one line.
const HARDLY_SMALLER: f32 = 0.93;

/// The share of its size that type is left at before text takes three lines.
const STILL_LARGE: f32 = 0.9;

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
    /// Its heading on one line.
    pub heading: Ems,
    /// What the column would like if there is room: its heading on one line, and air.
    pub ideal: Ems,
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
/// Type is made smaller until numbers fit on one line and text in about two, or three when it is
/// small already; below that, text columns go down to their longest words, and then every column
/// gives way alike. Room that is left goes to text first, then to headings and air.
pub fn fit(needs: &[Need], size: f32, measure: f32) -> Fit {
    let all = |size: f32, width: fn(&Need) -> Ems| -> Vec<f32> {
        needs.iter().map(|need| points(width(need) + 2 * PAD, size)).collect()
    };
    let fits = |widths: &[f32]| widths.iter().sum::<f32>() <= measure;
    let smaller = |from: f32, to: f32| {
        std::iter::successors(Some(from), move |size| (size - STEP >= to).then_some(size - STEP))
    };
    let in_one = smaller(size, size * HARDLY_SMALLER).find(|&size| fits(&all(size, whole)));
    let in_two = || smaller(size, size * STILL_LARGE).find(|&size| fits(&all(size, two_lines)));
    let size = in_one
        .or_else(in_two)
        .or_else(|| smaller(size, SMALLEST).find(|&size| fits(&all(size, three_lines))))
        .unwrap_or_else(|| smaller(size, SMALLEST).last().unwrap_or(size));
    let lowest =
        [two_lines, three_lines, least].map(|width| all(size, width)).into_iter().find(|widths| fits(widths));
    let Some(lowest) = lowest else {
        let least = all(size, least);
        let squeeze = measure / least.iter().sum::<f32>();
        return Fit { size, widths: least.iter().map(|width| width * squeeze).collect() };
    };
    let mut widths = lowest;
    for wanted in [two_lines, two_line_heading, whole, ideal] {
        raise(&mut widths, &all(size, wanted), measure);
    }
    spread(&mut widths, needs, measure);
    Fit { size, widths }
}

/// The columns of a table that is too broad for the measure even in the smallest type, in parts
/// that are not; each part has the columns of `always` first.
pub fn parts(needs: &[Need], always: &[usize], measure: f32) -> Vec<Vec<usize>> {
    let width = |at: &usize| points(least(&needs[*at]) + 2 * PAD, SMALLEST);
    if (0..needs.len()).map(|at| width(&at)).sum::<f32>() <= measure {
        return vec![(0..needs.len()).collect()];
    }
    let naming = |at: &usize| points(whole(&needs[*at]).min(NAMING) + 2 * PAD, SMALLEST).max(width(at));
    let names: f32 = always.iter().map(naming).sum();
    let mut parts: Vec<Vec<usize>> = Vec::new();
    let mut used = f32::MAX;
    for at in (0..needs.len()).filter(|at| !always.contains(at)) {
        if used + width(&at) > measure {
            parts.push(always.to_vec());
            used = names;
        }
        used += width(&at);
        if let Some(part) = parts.last_mut() {
            part.push(at);
        }
    }
    parts
}

/// A width at which text takes at most about this many lines.
fn in_lines(need: &Need, lines: Ems) -> Ems {
    let whole = whole(need);
    if !need.wraps || need.natural <= SHORT {
        whole
    } else {
        need.least.max((need.natural.div_ceil(lines) + 700).min(LONG)).min(whole)
    }
}

fn three_lines(need: &Need) -> Ems {
    in_lines(need, 3)
}

fn two_lines(need: &Need) -> Ems {
    in_lines(need, 2)
}

fn two_line_heading(need: &Need) -> Ems {
    two_lines(need).max((need.heading / 2 + 900).min(need.heading))
}

fn whole(need: &Need) -> Ems {
    need.natural.max(need.least)
}

fn ideal(need: &Need) -> Ems {
    whole(need).max(need.ideal)
}

fn least(need: &Need) -> Ems {
    if need.wraps { need.least } else { whole(need) }
}

/// Raises every column towards what it wants, as far as there is room.
fn raise(widths: &mut [f32], wanted: &[f32], measure: f32) {
    let mut spare = measure - widths.iter().sum::<f32>();
    loop {
        let short: Vec<usize> = (0..widths.len()).filter(|&at| wanted[at] - widths[at] > 0.05).collect();
        if short.is_empty() || spare < 0.1 {
            return;
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
        Need { natural, least: natural, heading: 0, ideal: natural, wraps: false, share: None }
    }

    fn text(natural: Ems, least: Ems) -> Need {
        Need { natural, least, heading: 0, ideal: natural, wraps: true, share: None }
    }

    #[test]
    fn numbers_keep_to_one_line_and_text_gives_way() {
        let fit = fit(&[text(40_000, 5_000), number(4_000), number(4_000)], 8.0, 300.0);
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
    fn a_table_of_forty_partners_is_split_into_parts_that_all_name_their_rows() {
        let mut needs = vec![text(20_000, 6_000)];
        needs.extend([number(5_000); 40]);
        let parts = parts(&needs, &[0], 500.0);
        assert!(parts.len() > 1);
        assert!(parts.iter().all(|part| part[0] == 0));
        let mut all: Vec<usize> = parts.iter().flat_map(|part| part[1..].iter().copied()).collect();
        all.sort_unstable();
        assert_eq!(all, (1..=40).collect::<Vec<_>>());
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
