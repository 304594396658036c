//! The semantic document: what a pack says, before anything is drawn.
//!
//! A template gives one of these; the HTML page and the PDF are both drawn from it, so that they
//! cannot differ in a word or a figure. Every part has its role (heading level, table heading,
//! caption, text alternative), which is what an accessible page and a tagged PDF need.

mod sections;

pub use sections::Section;

/// A whole pack.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Document {
    /// The document's title, such as "Better Care Fund board pack, November 2015".
    pub title: String,
    /// Whose pack it is, such as "Buckinghamshire Health and Wellbeing Board".
    pub author: String,
    /// One line on what it is, for the document's properties.
    pub subject: String,
    /// At the head of each page, left: whose pack.
    pub running_head: String,
    /// At the head of each page, right: the reporting month.
    pub running_date: String,
    /// At the foot of each page beside "Page x of y": the pack's reference.
    pub reference: String,
    /// Words that stand at the foot of every page, such as "Illustrative figures"; may be empty.
    pub standing_note: String,
    pub blocks: Vec<Block>,
}

/// One block of a document, in reading order.
#[derive(Clone, Debug, PartialEq)]
pub enum Block {
    Heading(Heading),
    Paragraph(Paragraph),
    List(List),
    Tiles(Vec<Tile>),
    Table(Table),
    Figure(Figure),
    /// Figures laid side by side where the page is wide enough, in reading order.
    FigureGrid(Vec<Figure>),
    /// A few paragraphs or lists set apart from the text, with a title.
    Callout {
        title: Text,
        blocks: Vec<Block>,
    },
    /// Names and what they are, such as the facts on a cover.
    Definitions(Vec<(Text, Text)>),
    /// The list of the document's level 1 and 2 headings, with page numbers in print.
    Contents {
        title: String,
    },
    /// What follows starts on a new page, turned this way.
    PageBreak(Orientation),
    /// What follows stands on pages turned this way: on the same page where that is so already.
    Paper(Orientation),
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Orientation {
    #[default]
    Portrait,
    Landscape,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Heading {
    /// 1 to 3, never skipping one on the way down. The title of the cover is level 1.
    pub level: u8,
    /// Unique in the document; what links and bookmarks point at.
    pub id: String,
    pub text: Text,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Paragraph {
    pub style: ParagraphStyle,
    pub text: Text,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ParagraphStyle {
    #[default]
    Body,
    /// The one message of a page or section, set larger.
    Lead,
    /// Notes under a table or a figure, set smaller.
    Note,
    /// A line above a title: what kind of paper this is.
    Kicker,
}

#[derive(Clone, Debug, PartialEq)]
pub struct List {
    pub ordered: bool,
    pub items: Vec<Text>,
}

/// Text in runs of one style each.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Text(pub Vec<Run>);

#[derive(Clone, Debug, PartialEq)]
pub struct Run {
    pub text: String,
    pub style: RunStyle,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum RunStyle {
    #[default]
    Plain,
    Strong,
    Emphasis,
    /// A link to the heading, table or figure with this id.
    Reference(String),
    /// A status: drawn as its shape and colour, followed by the run's words.
    Status(Status),
}

impl Text {
    pub fn plain(text: impl Into<String>) -> Text {
        Text(vec![Run { text: text.into(), style: RunStyle::Plain }])
    }

    /// The words alone.
    pub fn words(&self) -> String {
        self.0.iter().map(|run| run.text.as_str()).collect()
    }
}

/// A judgement: always a word, a shape and a colour together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Status {
    /// Green, an upward triangle: on plan.
    Good,
    /// Amber, a diamond: within tolerance.
    Watch,
    /// Red, a downward triangle: off plan.
    Bad,
    /// Grey, a ring: no data to judge.
    Unknown,
    /// Blue, an upward triangle: special cause, improvement.
    Improvement,
    /// Orange, a downward triangle: special cause, concern.
    Concern,
}

/// A headline figure.
#[derive(Clone, Debug, PartialEq)]
pub struct Tile {
    pub label: String,
    pub value: String,
    pub note: String,
    pub status: Option<Status>,
    /// The figure of the pack's tables that it shows, where a page was asked for that says so.
    pub figure: Option<Box<str>>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Table {
    /// Unique in the document.
    pub id: String,
    pub caption: Text,
    pub columns: Vec<Column>,
    pub rows: Vec<Row>,
    /// Set small and close, for tables of many rows and columns.
    pub dense: bool,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Column {
    pub heading: String,
    /// Neighbouring columns of the same group stand under one heading, such as "Year to date".
    pub group: Option<String>,
    pub align: Align,
    /// This column names the row: its cells are row headings.
    pub names_row: bool,
    /// How much of the width the column should have beside the others, or what it needs.
    pub share: Option<f32>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Align {
    #[default]
    Start,
    /// Numbers: right-aligned, heading and cells.
    End,
    Centre,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    pub kind: RowKind,
    /// One for each column.
    pub cells: Vec<Cell>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RowKind {
    #[default]
    Body,
    /// A sum of the rows above: set bold, a rule above.
    Total,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Cell {
    pub text: String,
    /// Drawn as shape and colour before the text; where the text is not the status's own word,
    /// the word is given to those who listen.
    pub status: Option<Status>,
    /// How many rows this cell stands in; the cells that it covers below are `Cell::covered`.
    pub rows: u8,
    /// The text says why there is no figure; set muted.
    pub missing: bool,
    /// The figure of the pack's tables that it shows, where a page was asked for that says so.
    pub figure: Option<Box<str>>,
    /// A small drawing after the text, on pages alone: a pack's tables have none.
    pub sketch: Option<Box<Sketch>>,
}

/// A drawing within a cell, and what it shows for those who do not see it.
#[derive(Clone, Debug, PartialEq)]
pub struct Sketch {
    pub drawing: Drawing,
    pub alternative: String,
}

impl Cell {
    pub fn text(text: impl Into<String>) -> Cell {
        Cell { text: text.into(), status: None, rows: 1, missing: false, figure: None, sketch: None }
    }

    /// The place of a cell that a taller one above stands in.
    pub fn covered() -> Cell {
        Cell { text: String::new(), status: None, rows: 0, missing: false, figure: None, sketch: None }
    }

    pub fn is_covered(&self) -> bool {
        self.rows == 0
    }
}

impl Status {
    /// What stands for [`Status::Unknown`] where there is a value, and only a target is wanting.
    pub const NO_TARGET: &str = "No target";

    /// Whether `words` tell the status, so that its shape beside them is decoration.
    pub fn is_told_by(self, words: &str) -> bool {
        words == self.word() || self == Status::Unknown && words == Status::NO_TARGET
    }

    /// The word that goes with the shape and colour.
    pub fn word(self) -> &'static str {
        match self {
            Status::Good => "On plan",
            Status::Watch => "Within tolerance",
            Status::Bad => "Off plan",
            Status::Unknown => "No data",
            Status::Improvement => "Improvement",
            Status::Concern => "Concern",
        }
    }
}

/// A chart with its words.
#[derive(Clone, Debug, PartialEq)]
pub struct Figure {
    /// Unique in the document.
    pub id: String,
    /// The message, in a sentence.
    pub headline: String,
    /// What is shown: measure, unit, months.
    pub subtitle: String,
    /// What the drawing shows, for those who do not see it.
    pub alternative: String,
    pub drawing: Drawing,
}

/// A vector drawing. The origin is top left, y runs down, units are points.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Drawing {
    pub width: f32,
    pub height: f32,
    pub marks: Vec<Mark>,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Mark {
    Line { from: Point, to: Point, stroke: Stroke },
    Polyline { points: Vec<Point>, stroke: Stroke },
    Polygon { points: Vec<Point>, fill: Ink },
    Dot { at: Point, radius: f32, fill: Ink, shape: Shape },
    Label { at: Point, text: String, anchor: Anchor, size: f32, ink: Ink, strong: bool },
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Point {
    pub x: f32,
    pub y: f32,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Stroke {
    pub ink: Ink,
    pub width: f32,
    pub dash: Dash,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Dash {
    #[default]
    Solid,
    Dashed,
    Dotted,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    Circle,
    Square,
    Diamond,
    TriangleUp,
    TriangleDown,
}

/// Where a label's `at` lies on its baseline.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Anchor {
    Start,
    Middle,
    End,
}

/// What a colour is for; [`Ink::rgb`] is the one palette of page and print.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Ink {
    Text,
    Muted,
    Rule,
    Band,
    Paper,
    Accent,
    Actual,
    Target,
    Mean,
    Limit,
    Good,
    Watch,
    Bad,
    Unknown,
    Improvement,
    Concern,
}

impl Ink {
    /// Red, green and blue, 0 to 255. Text inks have at least 4.5:1 on white.
    ///
    /// Categorical colours are those of the Government Analysis Function's palettes, which keep
    /// their contrast for colour-blind readers and on a black-and-white printer.
    pub fn rgb(self) -> [u8; 3] {
        match self {
            Ink::Text => [0x0b, 0x0c, 0x0c],
            Ink::Muted => [0x4f, 0x57, 0x5c],
            Ink::Rule => [0xc4, 0xca, 0xcf],
            Ink::Band => [0xf2, 0xf5, 0xf7],
            Ink::Paper => [0xff, 0xff, 0xff],
            Ink::Accent => [0x12, 0x43, 0x6d],
            Ink::Actual => [0x12, 0x43, 0x6d],
            Ink::Target => [0x80, 0x16, 0x50],
            Ink::Mean => [0x3d, 0x3d, 0x3d],
            Ink::Limit => [0x6b, 0x72, 0x76],
            Ink::Good => [0x00, 0x66, 0x42],
            Ink::Watch => [0x9a, 0x52, 0x00],
            Ink::Bad => [0xb3, 0x1b, 0x1b],
            Ink::Unknown => [0x5f, 0x66, 0x6a],
            Ink::Improvement => [0x00, 0x5e, 0xa5],
            Ink::Concern => [0xb8, 0x4a, 0x00],
        }
    }
}

impl Status {
    pub fn ink(self) -> Ink {
        match self {
            Status::Good => Ink::Good,
            Status::Watch => Ink::Watch,
            Status::Bad => Ink::Bad,
            Status::Unknown => Ink::Unknown,
            Status::Improvement => Ink::Improvement,
            Status::Concern => Ink::Concern,
        }
    }
}
