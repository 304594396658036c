//! How wide a table's columns are, and how small its type must be for that.

use super::super::{
    super::document::Align,
    measure::{Ems, points},
};

/// Text no wider than this, in thousandths of the type size, has its one line before headings have two.
const RATHER_SHORT: Ems = 14_000;

/// Text no wider than this, in thousandths of the type size, is not broken if that can be helped.
const SHORT: Ems = 8_000;

/// A line of a comment: text of any length is content with this width.
const LONG: Ems = 26_000;

/// What the columns that name the rows have in every part of a broad table, if they need it.
const NAMING: Ems = 14_000;

/// The smallest type a table is set in where its columns cannot be set apart.
const SMALLEST: f32 = 5.5;

/// Columns that need smaller type than this stand in parts below one another.
const SMALLEST_TOGETHER: f32 = 7.0;

/// Each step that type is made smaller by.
const STEP: f32 = 0.2;

/// What a number likes between it and the one before, where type is to grow.
const APART: Ems = 300;

/// The share of the measure that a table's content must need for the table to take all of it.
const NEARLY_ALL: f32 = 0.7;

/// What a gap between the columns of a narrower table is widened by, in thousandths of the type size.
const WIDER: Ems = 2_600;

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
    /// Text at the start of its column may be broken; numbers stay on one line.
    pub align: Align,
    pub share: Option<f32>,
}

impl Need {
    pub fn wraps(&self) -> bool {
        self.align == Align::Start
    }
}

/// The type size of a table: the given one, or smaller if numbers on one line and text in about
/// four do not fit in it. Text takes another line before type is made smaller.
pub fn size(needs: &[Need], from: f32, measure: f32) -> f32 {
    let smaller = std::iter::successors(Some(from), |size| (size - STEP >= SMALLEST).then_some(size - STEP));
    smaller.clone().find(|&size| size <= up_to(needs, four_lines, measure)).or(smaller.last()).unwrap_or(from)
}

/// The largest type in which all stands on one line.
pub fn on_one_line(needs: &[Need], measure: f32) -> f32 {
    up_to(needs, whole, measure)
}

/// The largest type in which columns have a width.
fn up_to(needs: &[Need], width: fn(&Need) -> Ems, measure: f32) -> f32 {
    measure / all(needs, 1.0, width).iter().sum::<f32>()
}

/// The largest type, up to `most`, in which columns fit as they do at a size: what stands on one
/// line, or on about two, three or four, still does.
pub fn largest(needs: &[Need], size: f32, most: f32, measure: f32) -> f32 {
    let largest = [apart, whole, rather_short, two_lines, three_lines, four_lines]
        .map(|width| up_to(needs, width, measure))
        .into_iter()
        .find(|&up_to| up_to >= size);
    largest.map_or(size, |up_to| (up_to.min(most) * 10.0).floor() / 10.0).max(size)
}

/// The width in points of each column with its white, in type of a size.
///
/// If numbers on one line and text in four do not fit, text columns go down to their longest
/// words, and then every column gives way alike. Room that is left goes to text first, then to
/// headings and air, and then to the gaps between columns.
pub fn widths(needs: &[Need], size: f32, measure: f32) -> Vec<f32> {
    let fits = |widths: &Vec<f32>| widths.iter().sum::<f32>() <= measure;
    let lowest = [whole, two_lines, three_lines, four_lines, least]
        .map(|width| all(needs, size, width))
        .into_iter()
        .find(fits);
    let Some(mut widths) = lowest else {
        let least = all(needs, size, least);
        let squeeze = measure / least.iter().sum::<f32>();
        return least.iter().map(|width| width * squeeze).collect();
    };
    for wanted in [two_lines, rather_short, two_line_heading, whole, ideal] {
        raise(&mut widths, &all(needs, size, wanted), measure);
    }
    spread(&mut widths, needs, size, measure);
    widths
}

fn all(needs: &[Need], size: f32, width: fn(&Need) -> Ems) -> Vec<f32> {
    needs.iter().map(|need| points(width(need) + 2 * PAD, size)).collect()
}

/// The columns of a table that is too broad for the measure even in small type, in parts that are
/// not; each part has the columns of `always` first.
pub fn parts(needs: &[Need], always: &[usize], measure: f32) -> Vec<Vec<usize>> {
    let width = |at: &usize| points(least(&needs[*at]) + 2 * PAD, SMALLEST_TOGETHER);
    if (0..needs.len()).map(|at| width(&at)).sum::<f32>() <= measure {
        return vec![(0..needs.len()).collect()];
    }
    let naming =
        |at: &usize| points(whole(&needs[*at]).min(NAMING) + 2 * PAD, SMALLEST_TOGETHER).max(width(at));
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
    if !need.wraps() || need.natural <= SHORT {
        whole
    } else {
        need.least.max((need.natural.div_ceil(lines) + 700).min(LONG)).min(whole)
    }
}

fn four_lines(need: &Need) -> Ems {
    in_lines(need, 4)
}

fn three_lines(need: &Need) -> Ems {
    in_lines(need, 3)
}

fn two_lines(need: &Need) -> Ems {
    in_lines(need, 2)
}

fn rather_short(need: &Need) -> Ems {
    if need.natural <= RATHER_SHORT { whole(need) } else { two_lines(need) }
}

fn two_line_heading(need: &Need) -> Ems {
    rather_short(need).max((need.heading / 2 + 900).min(need.heading))
}

fn whole(need: &Need) -> Ems {
    need.natural.max(need.least)
}

fn apart(need: &Need) -> Ems {
    whole(need) + if need.wraps() { 0 } else { APART }
}

fn ideal(need: &Need) -> Ems {
    whole(need).max(need.ideal)
}

fn least(need: &Need) -> Ems {
    if need.wraps() { need.least } else { whole(need) }
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

/// Gives what is left to the columns that asked for a share, or else to the gaps between columns,
/// to each alike, so that a row can be read across. A table that needs little stays narrow.
fn spread(widths: &mut [f32], needs: &[Need], size: f32, measure: f32) {
    let used: f32 = widths.iter().sum();
    // Room beside text is white after it, and room beside a number white before it.
    let gaps: Vec<usize> = (1..needs.len())
        .filter_map(|right| match (needs[right - 1].align, needs[right].align) {
            (Align::Start | Align::Centre, _) => Some(right - 1),
            (Align::End, Align::End | Align::Centre) => Some(right),
            (Align::End, Align::Start) => None,
        })
        .collect();
    let narrow = used < measure * NEARLY_ALL;
    let spare = match narrow {
        true => points(WIDER, size) * gaps.len() as f32,
        false => measure - used,
    };
    let spare = spare.min(measure - used).max(0.0);
    let shared: f32 = needs.iter().filter_map(|need| need.share).sum();
    if shared > 0.0 && !narrow {
        for (width, need) in widths.iter_mut().zip(needs) {
            *width += spare * need.share.unwrap_or(0.0) / shared;
        }
        return;
    }
    for &at in &gaps {
        widths[at] += spare / gaps.len() as f32;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(natural: Ems) -> Need {
        Need { natural, least: natural, heading: 0, ideal: natural, align: Align::End, share: None }
    }

    fn text(natural: Ems, least: Ems) -> Need {
        Need { natural, least, heading: 0, ideal: natural, align: Align::Start, share: None }
    }

    fn fit(needs: &[Need], from: f32, measure: f32) -> (f32, Vec<f32>) {
        let size = size(needs, from, measure);
        (size, widths(needs, size, measure))
    }

    #[test]
    fn numbers_keep_to_one_line_and_text_gives_way() {
        let (size, widths) = fit(&[text(40_000, 5_000), number(4_000), number(4_000)], 8.0, 300.0);
        assert_eq!(size, 8.0);
        // A number of 4,000 thousandths at 8 points is 32 points wide, and its white is 6.72 more.
        assert!(widths[1] >= 38.7 && widths[2] >= 38.7);
        assert!(widths.iter().sum::<f32>() <= 300.1);
    }

    #[test]
    fn type_is_made_smaller_before_a_table_of_numbers_outgrows_the_page() {
        // Twelve columns of 48 points at 8 points are 576, and with their white 657.
        let (size, widths) = fit(&[number(6_000); 12], 8.0, 500.0);
        assert!((SMALLEST - 0.01..8.0).contains(&size));
        assert!(widths.iter().sum::<f32>() <= 500.1);
    }

    #[test]
    fn a_table_that_cannot_fit_still_stays_on_the_page() {
        let (size, widths) = fit(&[number(9_000); 40], 8.0, 500.0);
        assert!((widths.iter().sum::<f32>() - 500.0).abs() < 0.5);
        assert!(size >= SMALLEST - 0.01);
    }

    #[test]
    fn type_grows_as_far_as_every_column_keeps_its_lines_and_no_further_than_asked() {
        // Ten numbers of 5,000 thousandths with 840 of white each and 300 more are 61,400: at 500
        // points that is type of 8.14, and so of 8.1 points.
        let numbers = [number(5_000); 10];
        assert_eq!(largest(&numbers, 6.8, 8.4, 500.0), 8.1);
        assert_eq!(largest(&numbers, 6.8, 7.5, 500.0), 7.5);
        assert_eq!(largest(&numbers, 6.8, 8.4, 400.0), 6.8);
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
        let first = Need { share: Some(1.0), ..text(35_000, 3_000) };
        let (_, widths) = fit(&[first, number(2_000)], 8.0, 400.0);
        assert!((widths.iter().sum::<f32>() - 400.0).abs() < 0.5);
        assert!((widths[1] - 22.72).abs() < 0.1);
    }

    #[test]
    fn room_that_is_left_goes_to_every_gap_between_columns_alike() {
        let needs = [text(18_000, 2_000), number(6_000), number(6_000), number(6_000)];
        let (_, widths) = fit(&needs, 8.0, 400.0);
        assert!((widths.iter().sum::<f32>() - 400.0).abs() < 0.5);
        // The needs and their white are 39,360 thousandths: 314.9 points at 8. Three gaps share 85.1.
        assert!((widths[0] - (18.84 * 8.0 + 28.4)).abs() < 0.1);
        // The gap between the text and the first number is already the text's.
        assert!((widths[1] - 6.84 * 8.0).abs() < 0.1);
        assert!((widths[2] - (6.84 * 8.0 + 28.4)).abs() < 0.1);
    }

    #[test]
    fn a_small_table_is_not_pulled_out_to_the_whole_measure() {
        let (_, widths) = fit(&[text(4_000, 2_000), number(2_000)], 8.0, 500.0);
        assert!(widths.iter().sum::<f32>() <= 100.0);
    }
}
