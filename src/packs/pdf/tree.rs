//! The structure of a pack: its elements in reading order, each with its role.

use super::super::document::Status;

/// An element's place in the tree's list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ElementId(pub u32);

/// What an element is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    Document,
    /// Level 1 to 3.
    Heading(u8),
    Paragraph,
    /// A group of blocks that belong together.
    Division,
    List {
        ordered: bool,
    },
    ListItem,
    Label,
    ListBody,
    Contents,
    ContentsItem,
    Reference,
    /// A link; the number is that of its place among the pack's links.
    Link,
    /// A part of a paragraph with a role of its own.
    Span,
    /// A drawn sign that stands for a status's word.
    Sign(Status),
    Table,
    Caption,
    TableHead,
    TableBody,
    TableRow,
    ColumnHeading {
        columns: u8,
        rows: u8,
    },
    RowHeading {
        rows: u8,
    },
    Cell {
        rows: u8,
    },
    /// A drawing; the number is that of its place among the pack's figures.
    Figure(u32),
}

/// One element; its children are a chain.
#[derive(Clone, Copy, Debug)]
pub struct Element {
    pub role: Role,
    pub parent: Option<ElementId>,
    pub first_child: Option<ElementId>,
    pub next: Option<ElementId>,
    last_child: Option<ElementId>,
}

/// All elements; the first is the document.
#[derive(Clone, Debug)]
pub struct Tree {
    pub elements: Vec<Element>,
}

impl Tree {
    pub const ROOT: ElementId = ElementId(0);

    pub fn new() -> Tree {
        let mut elements = Vec::with_capacity(8192);
        elements.push(Element {
            role: Role::Document,
            parent: None,
            first_child: None,
            next: None,
            last_child: None,
        });
        Tree { elements }
    }

    /// Adds an element as the last child of `parent`.
    pub fn add(&mut self, parent: ElementId, role: Role) -> ElementId {
        let id = ElementId(self.elements.len() as u32);
        self.elements.push(Element {
            role,
            parent: Some(parent),
            first_child: None,
            next: None,
            last_child: None,
        });
        let above = &mut self.elements[parent.0 as usize];
        let elder = above.last_child.replace(id);
        match elder {
            Some(elder) => self.elements[elder.0 as usize].next = Some(id),
            None => above.first_child = Some(id),
        }
        id
    }

    pub fn role(&self, id: ElementId) -> Role {
        self.elements[id.0 as usize].role
    }

    /// The children of an element, in reading order.
    pub fn children(&self, id: ElementId) -> impl Iterator<Item = ElementId> + '_ {
        std::iter::successors(self.elements[id.0 as usize].first_child, |child| {
            self.elements[child.0 as usize].next
        })
    }
}
