//! Layout: the blocks of a document go down the pages in order.
//!
//! A heading, a caption or a callout's beginning is *kept* with what follows: if that does not fit,
//! the kept marks move to the next page with it.

mod closer;

use std::collections::HashSet;

use self::closer::Stretch;

use super::{
    super::document::{Block, Document, Orientation, ParagraphStyle, RunStyle},
    contents, figure,
    fonts::Face,
    furniture,
    measure::{Setting, Span, points},
    page::{Anchor, Bookmark, Laid, Link, Mark, Owner, Page, Pictured, Placed, paper},
    prose::{self, NOTE},
    table::{self, Below},
    tiles,
    tree::{ElementId, Role, Tree},
};

/// White at the left and the right of each page.
pub const MARGIN: f32 = 48.0;

/// Where content begins and ends, from the top and from the foot.
const HEAD: f32 = 58.0;
const FOOT: f32 = 52.0;

/// The share of a page that may be kept with what follows; more stays where it is.
const MOST_KEPT: f32 = 0.6;

/// The share of a page that words may take which stay with what they lead to, their heading included.
const MOST_LEADING: f32 = 0.32;

/// Lays a document out on pages.
pub fn lay_out(document: &Document) -> Laid<'_> {
    let mut flow = closer::through(document);
    contents::fill_contents(&mut flow);
    furniture::furnish(&mut flow);
    let (codes, missing) = flow.setting.finish();
    Laid {
        pages: flow.pages,
        tree: flow.tree,
        codes,
        bookmarks: flow.bookmarks,
        figures: flow.figures,
        missing,
    }
}

/// The pages so far, and where the next block goes.
pub struct Flow<'a> {
    pub document: &'a Document,
    pub setting: Setting,
    pub tree: Tree,
    pub pages: Vec<Page<'a>>,
    pub bookmarks: Vec<Bookmark>,
    /// What links can lead to.
    targets: HashSet<&'a str>,
    pub figures: Vec<Pictured<'a>>,
    /// The page numbers of the contents, to be filled in when all is laid out.
    pub awaited: Vec<contents::Awaited<'a>>,
    /// The left edge and the width of the column that blocks stand in.
    pub left: f32,
    pub width: f32,
    pub y: f32,
    /// The element that blocks become children of.
    pub parent: ElementId,
    /// The last heading's level: the next may be one deeper at most.
    pub level: u8,
    kept: Option<Kept>,
    /// Inside a callout, whose beginning stays with its end.
    band: Option<Band>,
    /// What stands at the foot of every page.
    pub foot: Span,
    /// How much higher content ends for a long foot.
    foot_room: f32,
    /// Which stretches are set closer, first to last.
    closer: Vec<bool>,
    /// The stretches that have ended, and the page on which the present one began.
    ended: Vec<Stretch>,
    began: usize,
}

/// The room for content below one another.
#[derive(Clone, Copy, Debug)]
pub struct Room {
    /// On this page.
    pub here: f32,
    /// On the next, below what is kept.
    pub fresh: f32,
    /// On each page after.
    pub further: f32,
}

/// From where on the marks of the last page stay with what follows.
#[derive(Clone, Copy)]
struct Kept {
    marks: usize,
    links: usize,
    anchors: usize,
    figures: usize,
    y: f32,
}

/// A callout that is being laid: the fill and the bar behind it grow with it.
#[derive(Clone, Copy)]
struct Band {
    /// The fill's place among the page's marks; the bar follows it.
    mark: usize,
    top: f32,
}

impl<'a> Flow<'a> {
    fn new(document: &'a Document, orientation: Orientation, closer: &[bool]) -> Flow<'a> {
        let mut setting = Setting::new();
        let foot = setting.set(&furniture::foot_words(document));
        let mut flow = Flow {
            document,
            foot,
            foot_room: furniture::room_for_foot(&setting, foot, Orientation::Portrait),
            setting,
            tree: Tree::new(),
            pages: Vec::with_capacity(24),
            bookmarks: Vec::new(),
            targets: HashSet::new(),
            figures: Vec::new(),
            awaited: Vec::new(),
            left: MARGIN,
            width: paper(orientation).0 - 2.0 * MARGIN,
            y: 0.0,
            parent: Tree::ROOT,
            level: 0,
            kept: None,
            band: None,
            closer: closer.to_vec(),
            ended: Vec::new(),
            began: 0,
        };
        find_targets(&document.blocks, &mut flow.targets);
        flow.new_page(orientation);
        flow
    }

    /// A run's style, but plain for a link to what is not in the document.
    pub fn leads_somewhere(&self, style: &'a RunStyle) -> &'a RunStyle {
        match style {
            RunStyle::Reference(id) if !self.targets.contains(id.as_str()) => &RunStyle::Plain,
            RunStyle::Plain
            | RunStyle::Strong
            | RunStyle::Emphasis
            | RunStyle::Reference(_)
            | RunStyle::Status(_) => style,
        }
    }

    pub fn blocks(&mut self, blocks: &'a [Block]) {
        for (at, block) in blocks.iter().enumerate() {
            self.block(block, &blocks[at + 1..]);
        }
    }

    fn block(&mut self, block: &'a Block, next: &[Block]) {
        match block {
            Block::Heading(heading) => prose::heading(self, heading),
            Block::Paragraph(paragraph) => prose::paragraph(self, paragraph, leads(next)),
            Block::List(list) => prose::list(self, list, leads(next)),
            Block::Tiles(set) => tiles::tiles(self, set),
            Block::Table(table) => {
                let is_note = |block: &&Block| matches!(block, Block::Paragraph(note) if note.style == ParagraphStyle::Note);
                let notes = next.iter().take_while(is_note).count();
                let note = self.notes_height(&next[..notes]);
                let turned = match next.get(notes) {
                    None | Some(Block::PageBreak(_)) => true,
                    Some(Block::Paper(orientation)) => *orientation != self.orientation(),
                    Some(_) => false,
                };
                let last = self.band.is_none() && turned;
                table::table(self, table, Below { note, last });
            }
            Block::Figure(figure) => figure::figure(self, figure),
            Block::FigureGrid(figures) => figure::grid(self, figures),
            Block::Callout { title, blocks } => prose::callout(self, title, blocks),
            Block::Definitions(pairs) => prose::definitions(self, pairs),
            Block::Contents { title } => contents::contents(self, title),
            Block::PageBreak(orientation) => self.turn(*orientation),
            Block::Paper(orientation) if *orientation != self.orientation() => self.turn(*orientation),
            Block::Paper(_) => {}
        }
    }

    /// The room of the notes that follow a table, which must not stand alone on the next page.
    fn notes_height(&mut self, notes: &[Block]) -> f32 {
        let mut height = 0.0;
        for note in notes {
            let Block::Paragraph(note) = note else { continue };
            let span = self.setting.set(&note.text.words());
            let width = points(self.setting.width(span, Face::Regular), NOTE.size);
            height += (width / self.width * 1.04).ceil().max(1.0) * NOTE.leading + 6.0;
        }
        if height > 0.0 { height.min(self.page_height() * 0.3) + 2.0 } else { 0.0 }
    }

    pub fn page(&mut self) -> &mut Page<'a> {
        self.pages.last_mut().expect("a flow begins with a page")
    }

    pub fn orientation(&self) -> Orientation {
        self.pages.last().map_or(Orientation::Portrait, |page| page.orientation)
    }

    pub fn put(&mut self, owner: Owner, mark: Mark<'a>) {
        self.page().marks.push(Placed { owner, mark });
    }

    pub fn link(&mut self, link: Link<'a>) {
        self.page().links.push(link);
    }

    /// Marks a place that links may lead to.
    pub fn anchor(&mut self, id: &'a str, heading: Option<usize>) {
        let y = self.y;
        self.page().anchors.push(Anchor { id, y, heading });
    }

    pub fn add(&mut self, role: Role) -> ElementId {
        self.tree.add(self.parent, role)
    }

    /// The lowest that content may reach on this page.
    pub fn floor(&self) -> f32 {
        paper(self.orientation()).1 - FOOT - self.foot_room
    }

    /// The room for content from the head of a page to its foot.
    pub fn page_height(&self) -> f32 {
        self.floor() - HEAD
    }

    pub fn room(&self) -> Room {
        let further = self.page_height();
        let kept = self.kept.as_ref().filter(|kept| self.moves(kept)).map_or(0.0, |kept| self.y - kept.y);
        Room { here: self.floor() - self.y, fresh: further - kept, further }
    }

    /// Whether what is kept goes along to the next page, or is too much or all of this one.
    fn moves(&self, kept: &Kept) -> bool {
        kept.y > HEAD + 0.1 && self.y - kept.y < self.page_height() * MOST_KEPT
    }

    pub fn at_top(&self) -> bool {
        self.y <= HEAD + 0.1
    }

    pub fn fits(&self, height: f32) -> bool {
        self.y + height <= self.floor() + 0.05
    }

    /// Goes on to the next page unless there is room for `height`.
    pub fn ensure(&mut self, height: f32) {
        if !self.fits(height) {
            self.next_page();
        }
    }

    /// What is placed from here on stays with what follows, until [`Flow::release`].
    pub fn keep(&mut self) {
        if self.kept.is_none() && self.band.is_none() {
            self.kept = Some(self.here());
        }
    }

    /// Makes room for words that lead to what is shown below them, and says whether they stay with it:
    /// they do where they and all that is kept above them are few.
    pub fn leading(&mut self, height: f32) -> bool {
        let above = self.kept.as_ref().map(|kept| self.y - kept.y);
        let few = above.is_some_and(|above| above + height <= self.page_height() * MOST_LEADING);
        if few {
            self.ensure(height);
        }
        few
    }

    /// What has been placed may stay where it is.
    pub fn release(&mut self) {
        if self.band.is_none() {
            self.kept = None;
        }
    }

    /// Opens a band behind the blocks to come; the fill takes its height when it closes.
    pub fn open_band(&mut self, marks: [Mark<'a>; 2]) {
        let band = Band { mark: self.page().marks.len(), top: self.y };
        for mark in marks {
            self.put(Owner::Layout, mark);
        }
        self.band = Some(band);
    }

    /// Closes the band at the present place.
    pub fn close_band(&mut self) {
        if let Some(band) = self.band.take() {
            let bottom = self.y;
            self.grow(band, bottom);
        }
    }

    fn grow(&mut self, band: Band, bottom: f32) {
        for placed in &mut self.page().marks[band.mark..band.mark + 2] {
            if let Mark::Fill { y, height, .. } = &mut placed.mark {
                *y = band.top;
                *height = bottom - band.top;
            }
        }
    }

    fn here(&mut self) -> Kept {
        let (y, figures) = (self.y, self.figures.len());
        let page = self.page();
        Kept { marks: page.marks.len(), links: page.links.len(), anchors: page.anchors.len(), figures, y }
    }

    /// Starts a page, taking along what is kept.
    pub fn next_page(&mut self) {
        let orientation = self.orientation();
        let kept = self.kept.take().filter(|kept| self.moves(kept));
        let Some(kept) = kept else {
            self.carry_band_over(orientation);
            return;
        };
        let page = self.page();
        let marks = page.marks.split_off(kept.marks);
        let links = page.links.split_off(kept.links);
        let anchors = page.anchors.split_off(kept.anchors);
        let reached = self.y;
        self.new_page(orientation);
        let by = self.y - kept.y;
        let number = self.pages.len() - 1;
        let page = self.page();
        page.marks.extend(marks.into_iter().map(|placed| Placed { mark: placed.mark.lowered(by), ..placed }));
        page.links.extend(links.into_iter().map(|link| Link { y: link.y + by, ..link }));
        page.anchors.extend(anchors.into_iter().map(|anchor| Anchor { y: anchor.y + by, ..anchor }));
        for figure in &mut self.figures[kept.figures..] {
            figure.page = number;
            figure.bounds[1] += by;
            figure.bounds[3] += by;
        }
        if let Some(band) = &mut self.band {
            band.mark -= kept.marks;
            band.top += by;
        }
        self.y = reached + by;
    }

    /// A callout too long for a page goes on in a band of its own on the next.
    fn carry_band_over(&mut self, orientation: Orientation) {
        let band = self.band.take();
        let again = band.map(|band| {
            let bottom = self.y;
            self.grow(band, bottom);
            [0, 1].map(|at| self.page().marks[band.mark + at].mark)
        });
        self.new_page(orientation);
        if let Some(marks) = again {
            self.open_band(marks);
            self.y += 6.0;
        }
    }

    /// A page break of the document's own; an empty page is turned, not left behind.
    fn turn(&mut self, orientation: Orientation) {
        self.kept = None;
        if self.page().marks.is_empty() && self.page().anchors.is_empty() {
            self.pages.pop();
        }
        self.ended.push(self.stretch());
        self.began = self.pages.len();
        self.new_page(orientation);
        self.left = MARGIN;
        self.width = paper(orientation).0 - 2.0 * MARGIN;
    }

    fn new_page(&mut self, orientation: Orientation) {
        self.pages.push(Page::new(orientation));
        self.kept = None;
        self.y = HEAD;
    }
}

/// Whether only words stand between here and what is shown.
fn leads(next: &[Block]) -> bool {
    let shown = next.iter().find(|block| !matches!(block, Block::Paragraph(_) | Block::List(_)));
    matches!(shown, Some(Block::Table(_) | Block::Figure(_) | Block::FigureGrid(_) | Block::Tiles(_)))
}

/// Finds the ids of the headings, tables and figures that are drawn.
fn find_targets<'a>(blocks: &'a [Block], targets: &mut HashSet<&'a str>) {
    for block in blocks {
        match block {
            Block::Heading(heading) => {
                targets.insert(&heading.id);
            }
            Block::Table(table) if !table.columns.is_empty() => {
                targets.insert(&table.id);
            }
            Block::Figure(figure) => {
                targets.insert(&figure.id);
            }
            Block::FigureGrid(figures) => {
                targets.extend(figures.iter().map(|figure| figure.id.as_str()));
            }
            Block::Callout { blocks, .. } => find_targets(blocks, targets),
            Block::Table(_)
            | Block::Paragraph(_)
            | Block::List(_)
            | Block::Tiles(_)
            | Block::Definitions(_)
            | Block::Contents { .. }
            | Block::PageBreak(_)
            | Block::Paper(_) => {}
        }
    }
}
