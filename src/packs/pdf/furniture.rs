//! What stands at the head and the foot of each page; none of it is content.

use super::{
    super::document::{Document, Ink, Orientation},
    fonts::Face,
    layout::{Flow, MARGIN},
    lines::{Style, text_mark},
    measure::{Ems, Setting, Span, points},
    page::{Mark, Owner, Placed, paper},
};

const RUNNING: Style = Style { size: 7.5, leading: 10.0, face: Face::Regular, ink: Ink::Muted };

/// What the foot's words leave free on the right for `Page 100 of 100`.
const NUMBER_ROOM: f32 = 85.0;

/// Adds heads, feet and page numbers to pages that are otherwise finished.
pub fn furnish(flow: &mut Flow<'_>) {
    let document = flow.document;
    let pages = flow.pages.len();
    let head = flow.setting.set(&document.running_head);
    let date = flow.setting.set(&document.running_date);
    let foot = flow.foot;
    for at in 0..pages {
        let (width, height) = paper(flow.pages[at].orientation);
        let (left, right) = (MARGIN, width - MARGIN);
        let number = flow.setting.set(&format!("Page {} of {pages}", at + 1));
        let lines = foot_lines(&flow.setting, foot, flow.pages[at].orientation);
        let mut put = |owner, mark| flow.pages[at].marks.push(Placed { owner, mark });
        if at == 0 {
            put(Owner::Layout, Mark::Fill { x: 0.0, y: 0.0, width, height: 10.0, ink: Ink::Accent });
        } else {
            let date_left = right - points(flow.setting.width(date, RUNNING.face), RUNNING.size);
            let head =
                shortened(flow.setting.break_plain(head, RUNNING.face, ems(date_left - left - 20.0)), head);
            put(Owner::Header, text_mark(left, 33.0, RUNNING, head));
            put(Owner::Header, text_mark(date_left, 33.0, RUNNING, date));
            put(Owner::Header, Mark::Rule { x: left, to: right, y: 39.0, width: 0.5, ink: Ink::Rule });
        }
        let y = height - 26.0 - more_room(lines.len());
        let number_left = right - points(flow.setting.width(number, RUNNING.face), RUNNING.size);
        put(Owner::Footer, Mark::Rule { x: left, to: right, y: y - 11.0, width: 0.5, ink: Ink::Rule });
        for (line, words) in lines.into_iter().enumerate() {
            put(Owner::Footer, text_mark(left, y + line as f32 * RUNNING.leading, RUNNING, words));
        }
        put(Owner::Footer, text_mark(number_left, y, RUNNING, number));
    }
}

/// What stands at the foot of every page: the pack's reference and its standing note.
pub fn foot_words(document: &Document) -> String {
    let parts = [document.reference.as_str(), document.standing_note.as_str()];
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("  •  ")
}

/// How much higher content must end than above a foot of two lines, for a foot that is longer: a standing
/// note that is cut short may say the opposite of what it says whole.
pub fn room_for_foot(setting: &Setting, foot: Span, orientation: Orientation) -> f32 {
    more_room(foot_lines(setting, foot, orientation).len())
}

/// The foot in lines that leave room for the page's number.
fn foot_lines(setting: &Setting, foot: Span, orientation: Orientation) -> Vec<Span> {
    setting.break_plain(foot, RUNNING.face, ems(paper(orientation).0 - 2.0 * MARGIN - NUMBER_ROOM))
}

fn more_room(lines: usize) -> f32 {
    lines.saturating_sub(2) as f32 * RUNNING.leading
}

fn ems(width: f32) -> Ems {
    (width * 1000.0 / RUNNING.size) as Ems
}

/// The first line of a text that may be too long for one.
fn shortened(lines: Vec<Span>, whole: Span) -> Span {
    lines.first().copied().unwrap_or(whole)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_standing_note_stands_whole_at_the_foot_whatever_its_length() {
        let note = "Illustrative, except the targets, the pool and delayed days (NHS England). ";
        for times in [0, 1, 2, 9] {
            let document = Document {
                reference: "E10000002-2015-11-0123456789ab".into(),
                standing_note: note.repeat(times),
                ..Document::default()
            };
            let mut setting = Setting::new();
            let foot = setting.set(&foot_words(&document));
            for orientation in [Orientation::Portrait, Orientation::Landscape] {
                let lines = foot_lines(&setting, foot, orientation);
                assert_eq!((lines[0].start, lines[lines.len() - 1].end), (foot.start, foot.end));
                assert!(lines.windows(2).all(|pair| pair[0].end == pair[1].start));
                let room = room_for_foot(&setting, foot, orientation);
                assert_eq!(room, RUNNING.leading * lines.len().saturating_sub(2) as f32);
            }
        }
    }
}
