//! What stands at the head and the foot of each page; none of it is content.

use super::{
    super::document::Ink,
    fonts::Face,
    layout::{Flow, MARGIN},
    lines::{Style, text_mark},
    measure::{Ems, Span, points},
    page::{Mark, Owner, Placed, paper},
};

const RUNNING: Style = Style { size: 7.5, leading: 10.0, face: Face::Regular, ink: Ink::Muted };

/// Adds heads, feet and page numbers to pages that are otherwise finished.
pub fn furnish(flow: &mut Flow<'_>) {
    let document = flow.document;
    let pages = flow.pages.len();
    let head = flow.setting.set(&document.running_head);
    let date = flow.setting.set(&document.running_date);
    let foot = [document.reference.as_str(), document.standing_note.as_str()];
    let foot = foot.iter().filter(|part| !part.is_empty()).copied().collect::<Vec<_>>().join("  •  ");
    let foot = flow.setting.set(&foot);
    for at in 0..pages {
        let (width, height) = paper(flow.pages[at].orientation);
        let (left, right) = (MARGIN, width - MARGIN);
        let number = flow.setting.set(&format!("Page {} of {pages}", at + 1));
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
        let y = height - 26.0;
        let number_left = right - points(flow.setting.width(number, RUNNING.face), RUNNING.size);
        let foot =
            shortened(flow.setting.break_plain(foot, RUNNING.face, ems(number_left - left - 20.0)), foot);
        put(Owner::Footer, Mark::Rule { x: left, to: right, y: y - 11.0, width: 0.5, ink: Ink::Rule });
        put(Owner::Footer, text_mark(left, y, RUNNING, foot));
        put(Owner::Footer, text_mark(number_left, y, RUNNING, number));
    }
}

fn ems(width: f32) -> Ems {
    (width * 1000.0 / RUNNING.size) as Ems
}

/// The first line of a text that may be too long for one.
fn shortened(lines: Vec<Span>, whole: Span) -> Span {
    lines.first().copied().unwrap_or(whole)
}
