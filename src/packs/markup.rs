//! The markup that templates give, read into the document.
//!
//! | element | gives |
//! |---|---|
//! | `pack` | the document: `title author subject running-head running-date reference standing-note` |
//! | `h1 h2 h3` | a heading; `id`; an `h1` that is `numbered` has the next number before its words |
//! | `p` | a paragraph; `class` is `lead`, `note` or `kicker` |
//! | `ul ol`, `li` | a list |
//! | `callout` | paragraphs and lists set apart; `title` |
//! | `definitions`, `item` | names and what they are; `term` |
//! | `tiles`, `tile` | headline figures; `label value note status`, and `figure`, the id of the table's figure that it shows |
//! | `table` | a table: of values (`of where most empty`), or of rows written out; `id dense` |
//! | `caption`, `column` | its caption; its columns: `heading group align names-row spans share`, and of values `value show` |
//! | `row`, `cell` | a row written out, `kind` is `total`; its cells: `status` |
//! | `figure` | a chart: `chart of` |
//! | `figures` | charts side by side |
//! | `contents` | the list of headings; `title` |
//! | `paper` | pages turned so from here on, a new one only where this one is not; `orientation` is `portrait` or `landscape` |
//! | `page-break` | a new page in any case; `orientation` |
//! | `strong em a status` | within text; `a` has `href="#id"`, `status` has `is` |

mod table;

use super::{
    compose::Composed,
    document::{
        Block, Document, Figure, Heading, List, Orientation, Paragraph, ParagraphStyle, Run, RunStyle,
        Status, Text, Tile,
    },
    template::TemplateFault,
};
use roxmltree::{Node, NodeType, ParsingOptions};
use std::cell::Cell;

type Reading<T> = Result<T, TemplateFault>;

/// The attribute that says where an element was written: `file:line`.
const PLACE: &str = "at";

/// Whether cells and tiles say which figure of the pack's tables they show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FigureIds {
    LeftOut,
    Given,
}

/// Reads the markup of a whole pack; tables and charts are filled from `composed`.
pub fn read(markup: &str, composed: &Composed<'_>, ids: FigureIds) -> Reading<Document> {
    let options = ParsingOptions { allow_dtd: false, ..ParsingOptions::default() };
    let tree = roxmltree::Document::parse_with_options(markup, options)
        .map_err(|error| unreadable(markup, &error))?;
    let reader = Reader { composed, ids, sections: Cell::new(0) };
    let pack = tree.root_element();
    if pack.tag_name().name() != "pack" {
        return Err(fault(pack, "the outermost element must be <pack>"));
    }
    let names = ["title", "author", "subject", "running-head", "running-date", "reference", "standing-note"];
    attributes(pack, &names)?;
    let text = |name| pack.attribute(name).unwrap_or_default().to_owned();
    Ok(Document {
        title: text("title"),
        author: text("author"),
        subject: text("subject"),
        running_head: text("running-head"),
        running_date: text("running-date"),
        reference: text("reference"),
        standing_note: text("standing-note"),
        blocks: reader.blocks(pack)?,
    })
}

/// The name by which templates call a status.
pub fn name_of(status: Status) -> &'static str {
    match status {
        Status::Good => "good",
        Status::Watch => "watch",
        Status::Bad => "bad",
        Status::Unknown => "unknown",
        Status::Improvement => "improvement",
        Status::Concern => "concern",
    }
}

const STATUSES: [Status; 6] =
    [Status::Good, Status::Watch, Status::Bad, Status::Unknown, Status::Improvement, Status::Concern];

struct Reader<'r, 'a> {
    composed: &'r Composed<'a>,
    ids: FigureIds,
    /// How many numbered headings have been read.
    sections: Cell<u32>,
}

impl Reader<'_, '_> {
    fn blocks(&self, parent: Node<'_, '_>) -> Reading<Vec<Block>> {
        let mut blocks = Vec::new();
        for node in parent.children() {
            match node.node_type() {
                NodeType::Element => blocks.extend(self.block(node)?),
                NodeType::Text if !node.text().unwrap_or_default().trim().is_empty() => {
                    let words = node.text().unwrap_or_default().trim().to_owned();
                    return Err(fault(
                        parent,
                        &format!("the words \"{words}\" must stand in a paragraph, <p>"),
                    ));
                }
                NodeType::Root | NodeType::Text | NodeType::PI | NodeType::Comment => {}
            }
        }
        Ok(blocks)
    }

    /// One block; none for a table without rows that says nothing of being empty.
    fn block(&self, node: Node<'_, '_>) -> Reading<Option<Block>> {
        let block = match node.tag_name().name() {
            name @ ("h1" | "h2" | "h3") => {
                attributes(node, if name == "h1" { &["id", "numbered"] } else { &["id"] })?;
                let mut text = self.text(node)?;
                let id = node.attribute("id").map_or_else(|| slug(&text.words()), str::to_owned);
                if is_yes(node, "numbered")? {
                    self.number(&mut text);
                }
                Block::Heading(Heading { level: name.as_bytes()[1] - b'0', id, text })
            }
            "p" => {
                attributes(node, &["class"])?;
                Block::Paragraph(Paragraph { style: self.paragraph_style(node)?, text: self.text(node)? })
            }
            name @ ("ul" | "ol") => {
                attributes(node, &[])?;
                let items = elements(node, "li")?.map(|item| self.text(item)).collect::<Reading<_>>()?;
                Block::List(List { ordered: name == "ol", items })
            }
            "callout" => {
                attributes(node, &["title"])?;
                let turn = node
                    .descendants()
                    .find(|inner| matches!(inner.tag_name().name(), "paper" | "page-break"));
                if let Some(turn) = turn {
                    let name = turn.tag_name().name();
                    return Err(fault(
                        turn,
                        &format!("<{name}> cannot stand in a callout, which stays on one paper"),
                    ));
                }
                Block::Callout { title: Text::plain(required(node, "title")?), blocks: self.blocks(node)? }
            }
            "definitions" => {
                attributes(node, &[])?;
                let items = elements(node, "item")?.map(|item| {
                    attributes(item, &["term"])?;
                    Ok((Text::plain(required(item, "term")?), self.text(item)?))
                });
                Block::Definitions(items.collect::<Reading<_>>()?)
            }
            "tiles" => {
                attributes(node, &[])?;
                Block::Tiles(elements(node, "tile")?.map(|item| self.tile(item)).collect::<Reading<_>>()?)
            }
            "table" => return table::read(self, node),
            "figure" => Block::Figure(self.figure(node)?),
            "figures" => {
                attributes(node, &[])?;
                Block::FigureGrid(
                    elements(node, "figure")?.map(|item| self.figure(item)).collect::<Reading<_>>()?,
                )
            }
            "contents" => {
                attributes(node, &["title"])?;
                Block::Contents { title: required(node, "title")?.to_owned() }
            }
            "paper" => Block::Paper(orientation(node)?),
            "page-break" => Block::PageBreak(orientation(node)?),
            other => return Err(fault(node, &format!("<{other}> is not an element of a pack"))),
        };
        Ok(Some(block))
    }

    fn tile(&self, node: Node<'_, '_>) -> Reading<Tile> {
        attributes(node, &["label", "value", "note", "status", "figure"])?;
        let figure = node.attribute("figure").filter(|id| !id.is_empty());
        if let Some(id) = figure.filter(|id| self.composed.figure(id).is_none()) {
            let message =
                format!("there is no figure \"{id}\". A figure is table.row.field, like pools.total.outturn");
            return Err(fault(node, &message));
        }
        Ok(Tile {
            label: required(node, "label")?.to_owned(),
            value: required(node, "value")?.to_owned(),
            note: node.attribute("note").unwrap_or_default().to_owned(),
            status: node
                .attribute("status")
                .filter(|name| !name.is_empty())
                .map(|name| status(node, name))
                .transpose()?,
            figure: figure.filter(|_| self.ids == FigureIds::Given).map(Into::into),
        })
    }

    /// Sets the next section's number before the words of its heading.
    fn number(&self, heading: &mut Text) {
        self.sections.set(self.sections.get() + 1);
        let number = format!("{}. ", self.sections.get());
        match heading.0.first_mut() {
            Some(first) => first.text.insert_str(0, &number),
            None => *heading = Text::plain(number),
        }
    }

    fn paragraph_style(&self, node: Node<'_, '_>) -> Reading<ParagraphStyle> {
        match node.attribute("class") {
            None => Ok(ParagraphStyle::Body),
            Some("lead") => Ok(ParagraphStyle::Lead),
            Some("note") => Ok(ParagraphStyle::Note),
            Some("kicker") => Ok(ParagraphStyle::Kicker),
            Some(_) => Err(fault(node, "the class of a paragraph is lead, note or kicker")),
        }
    }

    fn figure(&self, node: Node<'_, '_>) -> Reading<Figure> {
        attributes(node, &["chart", "of"])?;
        let (chart, of) = (required(node, "chart")?, required(node, "of")?);
        self.composed
            .chart(chart, of)
            .ok_or_else(|| fault(node, &format!("there is no chart \"{chart}\" of \"{of}\"")))
    }

    /// The words of an element in their styles, white space folded.
    fn text(&self, node: Node<'_, '_>) -> Reading<Text> {
        let mut runs = Vec::new();
        self.runs(node, &RunStyle::Plain, &mut runs)?;
        if let Some(first) = runs.first_mut() {
            first.text = first.text.trim_start().to_owned();
        }
        if let Some(last) = runs.last_mut() {
            last.text.truncate(last.text.trim_end().len());
        }
        runs.retain(|run| !run.text.is_empty());
        Ok(Text(runs))
    }

    fn runs(&self, node: Node<'_, '_>, style: &RunStyle, runs: &mut Vec<Run>) -> Reading<()> {
        for child in node.children() {
            match child.node_type() {
                NodeType::Text => {
                    let text = folded(child.text().unwrap_or_default(), runs.last());
                    if !text.is_empty() {
                        runs.push(Run { text, style: style.clone() });
                    }
                }
                NodeType::Element => self.runs(child, &self.run_style(child)?, runs)?,
                NodeType::Root | NodeType::PI | NodeType::Comment => {}
            }
        }
        Ok(())
    }

    fn run_style(&self, node: Node<'_, '_>) -> Reading<RunStyle> {
        match node.tag_name().name() {
            "strong" => attributes(node, &[]).map(|()| RunStyle::Strong),
            "em" => attributes(node, &[]).map(|()| RunStyle::Emphasis),
            "a" => {
                attributes(node, &["href"])?;
                let target = required(node, "href")?.strip_prefix('#');
                let target = target.ok_or_else(|| {
                    fault(node, "a link points at an id of this pack, like href=\"#summary\"")
                })?;
                Ok(RunStyle::Reference(target.to_owned()))
            }
            "status" => {
                attributes(node, &["is"])?;
                Ok(RunStyle::Status(status(node, required(node, "is")?)?))
            }
            other => Err(fault(node, &format!("<{other}> cannot stand within text"))),
        }
    }
}

fn status(node: Node<'_, '_>, name: &str) -> Reading<Status> {
    let found = STATUSES.into_iter().find(|status| name_of(*status) == name);
    found.ok_or_else(|| {
        fault(node, &format!("\"{name}\" is not a status: {}", STATUSES.map(name_of).join(", ")))
    })
}

/// White space folded to single spaces; none at the start where the text before ends in one.
fn folded(text: &str, before: Option<&Run>) -> String {
    let mut out = String::with_capacity(text.len());
    let mut in_space = before.is_some_and(|run| run.text.ends_with(' '));
    for c in text.chars() {
        let is_space = matches!(c, ' ' | '\n' | '\t' | '\r');
        if !(is_space && in_space) {
            out.push(if is_space { ' ' } else { c });
        }
        in_space = is_space;
    }
    out
}

fn slug(words: &str) -> String {
    let parts = words.split(|c: char| !c.is_ascii_alphanumeric()).filter(|part| !part.is_empty());
    parts.map(str::to_ascii_lowercase).collect::<Vec<_>>().join("-")
}

/// The child elements, all of which must be called `name`.
fn elements<'a, 'i>(node: Node<'a, 'i>, name: &'static str) -> Reading<impl Iterator<Item = Node<'a, 'i>>> {
    if let Some(other) = node.children().find(|child| child.is_element() && child.tag_name().name() != name) {
        let message =
            format!("<{}> holds only <{name}>, not <{}>", node.tag_name().name(), other.tag_name().name());
        return Err(fault(other, &message));
    }
    Ok(node.children().filter(Node::is_element))
}

/// Refuses attributes that the element does not have.
fn attributes(node: Node<'_, '_>, known: &[&str]) -> Reading<()> {
    let unknown =
        node.attributes().find(|attribute| attribute.name() != PLACE && !known.contains(&attribute.name()));
    match unknown {
        None => Ok(()),
        Some(attribute) => {
            let message = format!("<{}> has no attribute \"{}\"", node.tag_name().name(), attribute.name());
            Err(fault(node, &message))
        }
    }
}

fn orientation(node: Node<'_, '_>) -> Reading<Orientation> {
    attributes(node, &["orientation"])?;
    match node.attribute("orientation") {
        None | Some("portrait") => Ok(Orientation::Portrait),
        Some("landscape") => Ok(Orientation::Landscape),
        Some(_) => Err(fault(node, "orientation is portrait or landscape")),
    }
}

fn is_yes(node: Node<'_, '_>, name: &str) -> Reading<bool> {
    match node.attribute(name) {
        None | Some("no") => Ok(false),
        Some("yes") => Ok(true),
        Some(_) => Err(fault(node, &format!("{name} is yes or no"))),
    }
}

fn required<'a>(node: Node<'a, '_>, name: &str) -> Reading<&'a str> {
    node.attribute(name)
        .ok_or_else(|| fault(node, &format!("<{}> needs the attribute \"{name}\"", node.tag_name().name())))
}

/// A fault at the place where `node` was written.
fn fault(node: Node<'_, '_>, message: &str) -> TemplateFault {
    let place = node.ancestors().find_map(|node| node.attribute(PLACE)).unwrap_or_default();
    at_place(place, message)
}

fn at_place(place: &str, message: &str) -> TemplateFault {
    let (file, line) = place.rsplit_once(':').unwrap_or(("pack.hbs", "1"));
    TemplateFault { file: file.to_owned(), line: line.parse().unwrap_or(1), message: message.to_owned() }
}

/// Markup that is not well formed, told at the last element before it.
fn unreadable(markup: &str, error: &roxmltree::Error) -> TemplateFault {
    let position = error.pos();
    let lines_before = markup.split_inclusive('\n').take(position.row.saturating_sub(1) as usize);
    let start: usize = lines_before.map(str::len).sum();
    let end = (start + position.col as usize).min(markup.len());
    let before = markup.get(..end).unwrap_or(markup);
    let marker = format!(" {PLACE}=\"");
    let place = before.rfind(&marker).and_then(|found| before[found + marker.len()..].split('"').next());
    at_place(
        place.unwrap_or_default(),
        &format!(
            "what the template gives cannot be read. Close every element by its own name, write & as &amp; and < as \
             &lt;, and put each attribute's value in quotation marks ({error})"
        ),
    )
}
