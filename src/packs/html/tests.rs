use super::ink::INKS;
use super::*;
use crate::packs::chart::{Size, lines, process};
use crate::packs::document::{Align, Cell, Column, Dash, Figure, Ink, Row, RowKind, Run, Status, Table};
use std::collections::HashSet;

/// The page's own style sheet.
const STYLE: &str = include_str!("../../../report-templates/board-pack/style.css");

const HOSTILE: &str = "</td><b onload=\"x\"> R&D 'care'";

fn column(heading: &str, group: Option<&str>, align: Align, names_row: bool) -> Column {
    Column { heading: heading.into(), group: group.map(Into::into), align, names_row, share: None }
}

fn table() -> Table {
    let columns = vec![
        column("Partner", None, Align::Start, true),
        column("", None, Align::Start, true),
        column("Budget", Some("Year to date"), Align::End, false),
        column("Variance", Some("Year to date"), Align::End, false),
        column("RAG", None, Align::Start, false),
    ];
    let judged = |text: &str, status| Cell { status: Some(status), ..Cell::text(text) };
    let tall = Cell { rows: 2, ..Cell::text(HOSTILE) };
    let rows = vec![
        Row {
            kind: RowKind::Body,
            cells: vec![
                tall,
                Cell::text("Own"),
                Cell::text("£1,234"),
                judged("\u{2212}3.2", Status::Bad),
                judged("On plan", Status::Good),
            ],
        },
        Row {
            kind: RowKind::Total,
            cells: vec![
                Cell::covered(),
                Cell::text("Pooled"),
                Cell::text("£5,678.90"),
                Cell::text("+12.50%"),
                judged("No data", Status::Unknown),
            ],
        },
    ];
    Table { id: "partners".into(), caption: Text::plain("Table 1: by partner"), columns, rows, dense: true }
}

fn figure(id: &str) -> Figure {
    let months: Vec<String> = ["Apr 15", "May 15"].map(String::from).to_vec();
    let values = [Some(80.0), Some(82.5)];
    let chart = process::ProcessChart { months: &months, values: &values, ..Default::default() };
    Figure {
        id: id.into(),
        headline: HOSTILE.into(),
        subtitle: "Per cent, April to May 2015".into(),
        alternative: "80.0 in April & 82.5 in May".into(),
        drawing: process::draw(&chart, Size::TWO_UP),
    }
}

fn heading(level: u8, id: &str, text: &str) -> Block {
    Block::Heading(Heading { level, id: id.into(), text: Text::plain(text) })
}

fn paragraph(style: ParagraphStyle, text: &str) -> Block {
    Block::Paragraph(Paragraph { style, text: Text::plain(text) })
}

fn sample() -> Document {
    let run = |text: &str, style| Run { text: text.into(), style };
    let note = || Block::Callout {
        title: Text::plain("The board is asked to"),
        blocks: vec![Block::List(List { ordered: true, items: vec![Text::plain("note the position")] })],
    };
    let blocks = vec![
        paragraph(ParagraphStyle::Kicker, "Agenda item 7"),
        heading(1, "title", "Board pack"),
        Block::Definitions(vec![(Text::plain("Reporting month"), Text::plain("November 2015"))]),
        Block::PageBreak(Orientation::Portrait),
        Block::Contents { title: "Contents".into() },
        Block::PageBreak(Orientation::Portrait),
        heading(2, "summary", "1 Summary"),
        paragraph(ParagraphStyle::Lead, HOSTILE),
        Block::Tiles(vec![Tile {
            label: "Forecast variance".into(),
            value: "+£312,450".into(),
            note: "1.1% of budget".into(),
            status: Some(Status::Watch),
            figure: None,
        }]),
        Block::Paragraph(Paragraph {
            style: ParagraphStyle::Body,
            text: Text(vec![
                run("Delayed transfers are ", RunStyle::Plain),
                run("Off plan", RunStyle::Status(Status::Bad)),
                run("table 1", RunStyle::Reference("partners".into())),
                run("now", RunStyle::Strong),
                run("again", RunStyle::Emphasis),
            ]),
        }),
        note(),
        note(),
        Block::Paper(Orientation::Landscape),
        heading(2, "tables", "2 Tables"),
        Block::Table(table()),
        heading(3, "charts", "Charts"),
        Block::Figure(figure("chart-1")),
        Block::FigureGrid(vec![figure("chart-2"), figure("chart-3")]),
    ];
    Document {
        title: format!("Pack {HOSTILE}"),
        author: HOSTILE.into(),
        subject: "Position at month 8".into(),
        running_head: HOSTILE.into(),
        running_date: "November 2015".into(),
        reference: "BCF-2015-11".into(),
        standing_note: "Illustrative figures".into(),
        blocks,
    }
}

/// The tags of a page after its style sheet, without their brackets.
fn tags(page: &str) -> Vec<&str> {
    let start = page.find("</style>").expect("a page has a style sheet");
    page[start..].split('<').skip(1).map(|rest| rest.split('>').next().unwrap()).collect()
}

fn values_of<'a>(page: &'a str, name: &str) -> Vec<&'a str> {
    let opening = format!(" {name}=\"");
    let of_tag = |tag: &'a str| {
        let at = tag.find(&opening)? + opening.len();
        tag[at..].split('"').next()
    };
    tags(page).into_iter().filter_map(of_tag).collect()
}

/// What a plain reader of the page's words finds.
fn words(page: &str) -> HashSet<String> {
    let mut text = String::new();
    for part in page.split('<').skip(1) {
        text.push(' ');
        text.push_str(part.split_once('>').map_or("", |(_, words)| words));
    }
    let plain = text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&");
    plain.split_whitespace().map(String::from).collect()
}

#[test]
fn every_tag_that_opens_closes_in_its_turn() {
    let page = draw(&sample(), STYLE);
    let mut open = Vec::new();
    for tag in tags(&page).into_iter().skip(1) {
        let name = tag.trim_start_matches('/').split([' ', '/']).next().unwrap();
        if name == "meta" || tag.ends_with('/') {
            continue;
        }
        if tag.starts_with('/') {
            if name != "head" && name != "html" {
                assert_eq!(open.pop(), Some(name), "before </{name}>");
            }
        } else {
            open.push(name);
        }
    }
    assert!(open.is_empty(), "{open:?}");
}

#[test]
fn words_of_a_partner_cannot_become_markup() {
    let page = draw(&sample(), STYLE);
    assert!(!page.contains("<b "));
    assert!(page.contains("<p>&lt;/td&gt;&lt;b onload=\"x\"&gt; R&amp;D 'care'</p>"));
    assert!(page.contains("content=\"&lt;/td&gt;&lt;b onload=&quot;x&quot;&gt; R&amp;D 'care'\""));
}

#[test]
fn ids_are_unique_and_everything_pointed_at_exists() {
    let page = draw(&sample(), STYLE);
    let ids = values_of(&page, "id");
    let unique: HashSet<&str> = ids.iter().copied().collect();
    assert_eq!(ids.len(), unique.len(), "{ids:?}");
    let links = values_of(&page, "href");
    let named = values_of(&page, "aria-labelledby");
    let pointed_at = links.iter().map(|href| href.strip_prefix('#').expect("links stay in the page"));
    for id in pointed_at.chain(named.iter().flat_map(|names| names.split(' '))) {
        assert!(unique.contains(id), "{id} is not among {unique:?}");
    }
}

#[test]
fn the_page_needs_nothing_but_itself() {
    let page = draw(&sample(), STYLE);
    for foreign in
        ["<script", "http:", "https:", "//", "@import", "url(", " style=\"", "<img", "<link", "<iframe"]
    {
        assert!(!page.contains(foreign), "{foreign} is in the page");
    }
    assert!(STYLE.len() < 12_000);
}

#[test]
fn the_page_has_its_language_title_landmarks_and_a_way_past_the_head() {
    let page = draw(&sample(), STYLE);
    for needed in [
        "<html lang=\"en-GB\">",
        "<title>Pack ",
        "<a class=\"skip\" href=\"#_main\">",
        "<header ",
        "<nav ",
        "<main id=\"_main\">",
        "<footer ",
        "<h1 id=\"title\">",
        "<h2 id=\"summary\">",
        "<h3 id=\"charts\">",
    ] {
        assert_eq!(page.matches(needed).count(), 1, "{needed}");
    }
}

#[test]
fn every_table_has_a_caption_and_every_heading_says_what_it_heads() {
    let page = draw(&sample(), STYLE);
    assert!(page.contains("<caption id=\"partners_caption\"><span>Table 1: by partner</span></caption>"));
    assert!(page.contains("role=\"region\" tabindex=\"0\" aria-labelledby=\"partners_caption\""));
    let headings: Vec<&str> = tags(&page).into_iter().filter(|tag| tag.starts_with("th ")).collect();
    // Partner, Budget, Variance and RAG; one group; the partner over two rows, own and pooled.
    assert_eq!(headings.len(), 4 + 1 + 3);
    assert!(headings.iter().all(|tag| tag.starts_with("th scope=\"")));
    assert!(page.contains("<th scope=\"colgroup\" colspan=\"2\">Year to date</th>"));
    assert!(page.contains("<th scope=\"row\" rowspan=\"2\">"));
    assert!(page.contains("<td rowspan=\"2\"></td>"), "a column without words has no heading");
}

#[test]
fn every_chart_has_a_name_and_a_description() {
    let page = draw(&sample(), STYLE);
    assert_eq!(page.matches("<svg role=\"img\"").count(), 3);
    assert_eq!(page.matches("<desc id=\"chart-1_desc\">80.0 in April &amp; 82.5 in May</desc>").count(), 1);
    assert_eq!(page.matches("<figcaption><p class=\"msg\">").count(), 3);
}

#[test]
fn a_figure_stands_as_a_word_of_its_own() {
    let words = words(&draw(&sample(), STYLE));
    for figure in ["£1,234", "\u{2212}3.2", "£5,678.90", "+12.50%", "+£312,450"] {
        assert!(words.contains(figure), "{figure} is not among {words:?}");
    }
}

#[test]
fn a_status_is_heard_where_its_word_is_not_written() {
    let page = draw(&sample(), STYLE);
    assert!(page.contains("\u{2212}3.2 <span class=\"h\">Off plan</span></td>"));
    // In its tile the word is seen; in its own cell it is said once.
    assert!(page.contains("</svg>Within tolerance</dd>"));
    assert!(page.contains("</svg>On plan</span></td>"));
}

#[test]
fn each_ink_has_a_class_and_a_colour_of_the_palette() {
    let page = draw(&sample(), STYLE);
    let classes: HashSet<&str> = INKS.into_iter().map(class_of).collect();
    assert_eq!(classes.len(), INKS.len());
    assert!(page.contains("--good: #006642;"));
    assert!(page.contains(".sg { --k: var(--good) }"));
}

#[test]
fn words_have_enough_contrast_with_what_they_stand_on() {
    // Relative luminance and contrast ratio as in WCAG 2.2, of which AA wants 4.5 to 1.
    let luminance = |ink: Ink| {
        let part = |byte: u8| {
            let share = f64::from(byte) / 255.0;
            if share <= 0.04045 { share / 12.92 } else { ((share + 0.055) / 1.055).powf(2.4) }
        };
        let [red, green, blue] = ink.rgb().map(part);
        0.2126 * red + 0.7152 * green + 0.0722 * blue
    };
    let ratio = |words: Ink, ground: Ink| {
        let (a, b) = (luminance(words), luminance(ground));
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    };
    for ink in INKS.into_iter().filter(|ink| !matches!(ink, Ink::Rule | Ink::Band | Ink::Paper)) {
        assert!(ratio(ink, Ink::Paper) >= 4.5, "{ink:?} on paper");
        // Names of limits stand in charts alone, on paper.
        assert!(ink == Ink::Limit || ratio(ink, Ink::Band) >= 4.5, "{ink:?} on a band");
    }
}

#[test]
fn an_empty_document_is_still_a_page() {
    let page = draw(&Document::default(), STYLE);
    assert!(page.contains("<h1></h1>") && page.ends_with("</html>\n"));
}

#[test]
fn the_string_never_has_to_grow() {
    let values: Vec<Option<f64>> = (0..36).map(|month| Some(f64::from(month))).collect();
    let months: Vec<String> = (0..36).map(|month| format!("M {month}")).collect();
    let series = [lines::LineSeries { name: "Spend", values: &values, ink: Ink::Actual, dash: Dash::Solid }];
    let chart = lines::LineChart { labels: &months, series: &series, ..Default::default() };
    let mut document = sample();
    for number in 0..30 {
        let drawing = lines::draw(&chart, Size::FULL);
        document.blocks.push(Block::Figure(Figure { drawing, ..figure(&format!("line-{number}")) }));
    }
    let guess = STYLE.len() + 6_000 + length_of(&document.blocks);
    let length = draw(&document, STYLE).len();
    assert!(length <= guess && guess <= length * 2, "{length} bytes, {guess} set aside");
}
