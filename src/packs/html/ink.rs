//! Colours and shapes: the one palette as custom properties, and the statuses' shapes drawn once.

use super::write::Page;
use crate::packs::document::{Ink, Status};

const STATUSES: [Status; 6] =
    [Status::Good, Status::Watch, Status::Bad, Status::Unknown, Status::Improvement, Status::Concern];

pub const INKS: [Ink; 16] = [
    Ink::Text,
    Ink::Muted,
    Ink::Rule,
    Ink::Band,
    Ink::Paper,
    Ink::Accent,
    Ink::Actual,
    Ink::Target,
    Ink::Mean,
    Ink::Limit,
    Ink::Good,
    Ink::Watch,
    Ink::Bad,
    Ink::Unknown,
    Ink::Improvement,
    Ink::Concern,
];

/// The colours as custom properties, and a class for each by which a mark takes its own.
pub fn palette(page: &mut Page) {
    page.raw(":root {");
    for ink in INKS {
        page.raw(" --");
        page.raw(name_of(ink));
        page.raw(": #");
        for part in ink.rgb() {
            page.hex(part);
        }
        page.raw(";");
    }
    page.raw(" }\n");
    for ink in INKS {
        page.raw(".");
        page.raw(class_of(ink));
        page.raw(" { --k: var(--");
        page.raw(name_of(ink));
        page.raw(") }\n");
    }
}

/// The shapes of the statuses, drawn once.
pub fn sprite(page: &mut Page) {
    page.raw("<svg width=\"0\" height=\"0\" aria-hidden=\"true\" class=\"h\">");
    for status in STATUSES {
        page.raw("<symbol id=\"_");
        page.raw(class_of(status.ink()));
        page.raw("\" viewBox=\"0 0 10 10\"><path d=\"");
        page.raw(shape_of(status));
        page.raw("\"/></symbol>");
    }
    page.raw("</svg>\n");
}

fn shape_of(status: Status) -> &'static str {
    match status {
        Status::Good | Status::Improvement => "M5 .6 9.8 9.4H.2z",
        Status::Watch => "M5 0 10 5 5 10 0 5z",
        Status::Bad | Status::Concern => "M.2 .6H9.8L5 9.4z",
        Status::Unknown => "M5 .4a4.6 4.6 0 1 0 .01 0zM5 2.4a2.6 2.6 0 1 1-.01 0z",
    }
}

fn name_of(ink: Ink) -> &'static str {
    match ink {
        Ink::Text => "text",
        Ink::Muted => "muted",
        Ink::Rule => "rule",
        Ink::Band => "band",
        Ink::Paper => "paper",
        Ink::Accent => "accent",
        Ink::Actual => "actual",
        Ink::Target => "target",
        Ink::Mean => "mean",
        Ink::Limit => "limit",
        Ink::Good => "good",
        Ink::Watch => "watch",
        Ink::Bad => "bad",
        Ink::Unknown => "unknown",
        Ink::Improvement => "improvement",
        Ink::Concern => "concern",
    }
}

/// A short class, for it is written some thousand times.
pub fn class_of(ink: Ink) -> &'static str {
    match ink {
        Ink::Text => "kt",
        Ink::Muted => "ku",
        Ink::Rule => "kr",
        Ink::Band => "kd",
        Ink::Paper => "kp",
        Ink::Accent => "kx",
        Ink::Actual => "ka",
        Ink::Target => "kg",
        Ink::Mean => "km",
        Ink::Limit => "kl",
        Ink::Good => "sg",
        Ink::Watch => "sw",
        Ink::Bad => "sb",
        Ink::Unknown => "su",
        Ink::Improvement => "si",
        Ink::Concern => "sc",
    }
}

/// The shape and colour of a status; its words follow.
pub fn icon(page: &mut Page, status: Status) {
    let class = class_of(status.ink());
    page.raw("<svg class=\"i ");
    page.raw(class);
    page.raw("\" aria-hidden=\"true\"><use href=\"#_");
    page.raw(class);
    page.raw("\"/></svg>");
}
