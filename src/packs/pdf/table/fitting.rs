//! The type and the leading that a table is set in where it stands: comfortable to read, closer where
//! that spares a page for a few rows, and smaller only where nothing else does.

use std::ops::Range;

use super::{
    super::layout::{Flow, Room},
    columns::{Need, largest, on_one_line, size},
    plan::{Measured, Pitch, Plan},
};

/// The type that a table is set in, before columns that are too many make it smaller.
const COMFORTABLE: f32 = 8.0;

/// What it grows to where no column needs another line for it.
const LARGE: f32 = 8.4;

/// What it is made smaller to, so that a page is spared for a few rows.
const SPARING: [f32; 3] = [7.6, 7.2, 6.8];

/// What it may be made smaller to so that text stands on one line, where that spares pages.
const HARDLY_SMALLER: f32 = 7.5;

/// How close a table's rows may stand.
struct Manner {
    loose: Pitch,
    tight: Pitch,
}

const DENSE: Manner =
    Manner { loose: Pitch { leading: 1.28, pad: 0.22 }, tight: Pitch { leading: 1.15, pad: 0.09 } };

const USUAL: Manner =
    Manner { loose: Pitch { leading: 1.28, pad: 0.31 }, tight: Pitch { leading: 1.22, pad: 0.2 } };

/// A page is worth closer rows if those on it would take no more than this share of it.
const NEARLY_EMPTY: f32 = 0.4;

/// A page is worth smaller type if the rows on it would take no more than this share of it.
const HARDLY_BEGUN: f32 = 0.2;

/// How close rows stand, from tight to loose.
const STEPS: [f32; 5] = [1.0, 0.75, 0.5, 0.25, 0.0];

/// This many rows do not stand apart from the rest of their table.
pub const FEW: usize = 3;

/// What a table must leave room for beside its rows.
pub struct Frame<'g> {
    pub room: Room,
    /// The height of the caption.
    pub above: f32,
    /// The height of a note that stays with the last row.
    pub below: f32,
    /// Nothing follows on the page but the note.
    pub last: bool,
    /// Rows that stay together.
    pub groups: &'g [Range<usize>],
}

/// Plans some of a table's columns for where they stand.
pub fn fitted<'a>(
    flow: &mut Flow<'a>,
    measured: &Measured<'a>,
    part: &[usize],
    frame: &Frame<'_>,
) -> Plan<'a> {
    let manner = if measured.table.dense { &DENSE } else { &USUAL };
    let needs: Vec<Need> = part.iter().map(|&at| measured.needs[at]).collect();
    let small = size(&needs, COMFORTABLE, flow.width);
    let large = largest(&needs, small, LARGE, flow.width);
    let mut grown = measured.plan(flow, part, large, manner.loose);
    if flow.is_close() {
        grown.set_pitch(manner.between(0.5));
    } else if !frame.last {
        // What follows keeps the room that it has after smaller type.
        grown.set_pitch(manner.as_high_as(small / large));
    }
    if frame.pages(&grown).turned == 0 {
        return grown;
    }
    let mut plan = measured.plan(flow, part, small, manner.tight);
    let fewest = frame.pages(&plan);
    let hardly_begun = fewest.on_last <= flow.page_height() * HARDLY_BEGUN;
    let smaller = SPARING.into_iter().filter(|size| hardly_begun && *size < small);
    let on_one_line =
        Some(on_one_line(&needs, flow.width)).filter(|size| (HARDLY_SMALLER..small).contains(size));
    for size in on_one_line.into_iter().chain(smaller) {
        let sparing = measured.plan(flow, part, size, manner.tight);
        if frame.pages(&sparing).turned < fewest.turned {
            return manner.loosest(sparing, frame);
        }
    }
    plan.set_pitch(manner.loose);
    let usual = frame.pages(&plan);
    if usual.turned > fewest.turned && usual.on_last <= flow.page_height() * NEARLY_EMPTY {
        plan.set_pitch(manner.tight);
        return manner.loosest(plan, frame);
    }
    if frame.pages(&grown).turned <= usual.turned { grown } else { plan }
}

impl Manner {
    /// A plan with its rows as far apart as its pages allow.
    fn loosest<'a>(&self, mut plan: Plan<'a>, frame: &Frame<'_>) -> Plan<'a> {
        let most = frame.pages(&plan).turned;
        for step in STEPS {
            plan.set_pitch(self.between(step));
            if frame.pages(&plan).turned <= most {
                break;
            }
        }
        plan
    }

    /// The pitch at which rows in larger type are as high as loose ones in smaller, or nearly.
    fn as_high_as(&self, smaller: f32) -> Pitch {
        let height = |pitch: Pitch| pitch.leading + 2.0 * pitch.pad;
        let (tight, loose) = (height(self.tight), height(self.loose));
        self.between(((loose * smaller - tight) / (loose - tight)).clamp(0.0, 1.0))
    }

    fn between(&self, step: f32) -> Pitch {
        let between = |tight: f32, loose: f32| tight + (loose - tight) * step;
        Pitch {
            leading: between(self.tight.leading, self.loose.leading),
            pad: between(self.tight.pad, self.loose.pad),
        }
    }
}

/// How many pages a table turns, and the height of its rows on the last.
struct Pages {
    turned: u32,
    on_last: f32,
}

impl Frame<'_> {
    /// Goes through a plan's rows as they will be placed.
    fn pages(&self, plan: &Plan<'_>) -> Pages {
        let heading = plan.heading_height();
        let further = self.room.further - heading;
        let mut left = self.room.here - self.above - heading;
        let mut pages = Pages { turned: 0, on_last: 0.0 };
        if begins_with(plan, self.groups) > left {
            pages.turned = 1;
            left = self.room.fresh - self.above - heading;
        }
        for (at, group) in self.groups.iter().enumerate() {
            let together = stays_with(plan, self.groups, at, self.below);
            if together > left && together <= further {
                pages = Pages { turned: pages.turned + 1, on_last: 0.0 };
                left = further;
            }
            let height = plan.rows_height(group.clone());
            left -= height;
            pages.on_last += height;
            while left < 0.0 {
                pages.turned += 1;
                left += further.max(1.0);
                pages.on_last = further - left;
            }
        }
        pages
    }
}

/// The height of the rows that a table does not begin a page's foot without.
pub fn begins_with(plan: &Plan<'_>, groups: &[Range<usize>]) -> f32 {
    let end = groups.iter().find(|group| group.end >= FEW).or(groups.last()).map_or(0, |group| group.end);
    plan.rows_height(0..end)
}

/// The height of a group of rows, with the rest of the table and its note if only a few are left:
/// they do not go to the next page alone.
pub fn stays_with(plan: &Plan<'_>, groups: &[Range<usize>], at: usize, note: f32) -> f32 {
    let (start, end) = (groups[at].start, plan.heights.len());
    match end - start <= FEW || at + 2 >= groups.len() {
        true => plan.rows_height(start..end) + note,
        false => plan.rows_height(groups[at].clone()),
    }
}
