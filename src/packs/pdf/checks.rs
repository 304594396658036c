//! Checks of whole files: the structure tree is walked, and every page's marked content with it.

use std::collections::{BTreeMap, BTreeSet};

use lopdf::{Dictionary, Document, Object, ObjectId};

use super::{draw, sample};

pub fn file() -> Document {
    Document::load_mem(&draw(&sample::pack()).bytes).expect("the file can be read back")
}

pub fn dictionary<'a>(file: &'a Document, object: &'a Object) -> &'a Dictionary {
    match object {
        Object::Reference(id) => file.get_dictionary(*id).unwrap(),
        other => other.as_dict().unwrap(),
    }
}

pub fn catalogue(file: &Document) -> &Dictionary {
    file.catalog().unwrap()
}

fn structure(file: &Document) -> &Dictionary {
    dictionary(file, catalogue(file).get(b"StructTreeRoot").unwrap())
}

pub fn name<'a>(element: &'a Dictionary, key: &[u8]) -> &'a str {
    std::str::from_utf8(element.get(key).and_then(Object::as_name).unwrap_or_default()).unwrap()
}

/// A child of an element.
pub enum Kid {
    Element(ObjectId),
    Marked(ObjectId, i64),
    Link(ObjectId),
}

pub fn kids(file: &Document, element: &Dictionary) -> Vec<Kid> {
    let page = element.get(b"Pg").and_then(Object::as_reference).ok();
    let list = match element.get(b"K") {
        Ok(Object::Array(kids)) => kids.clone(),
        Ok(kid) => vec![kid.clone()],
        Err(_) => Vec::new(),
    };
    let kid = |kid: &Object| match kid {
        Object::Integer(mark) => Kid::Marked(page.expect("an element with content has a page"), *mark),
        Object::Reference(id) => Kid::Element(*id),
        Object::Dictionary(kid) => {
            let on = kid.get(b"Pg").and_then(Object::as_reference).unwrap();
            match kid.get(b"MCID") {
                Ok(mark) => Kid::Marked(on, mark.as_i64().unwrap()),
                Err(_) => Kid::Link(kid.get(b"Obj").and_then(Object::as_reference).unwrap()),
            }
        }
        other => panic!("{other:?} is no child of an element in {file:?}"),
    };
    list.iter().map(kid).collect()
}

/// Every element in reading order, with its object number.
pub fn elements(file: &Document) -> Vec<(ObjectId, &Dictionary)> {
    fn walk<'a>(file: &'a Document, id: ObjectId, found: &mut Vec<(ObjectId, &'a Dictionary)>) {
        let element = file.get_dictionary(id).unwrap();
        found.push((id, element));
        for kid in kids(file, element) {
            if let Kid::Element(child) = kid {
                let parent =
                    file.get_dictionary(child).unwrap().get(b"P").and_then(Object::as_reference).unwrap();
                assert_eq!(parent, id, "a child names its parent");
                walk(file, child, found);
            }
        }
    }
    let mut found = Vec::new();
    walk(file, structure(file).get(b"K").and_then(Object::as_reference).unwrap(), &mut found);
    found
}

/// The parent tree: for pages a list of owners, for links one.
fn parent_tree(file: &Document) -> BTreeMap<i64, Object> {
    let tree = dictionary(file, structure(file).get(b"ParentTree").unwrap());
    let numbers = tree.get(b"Nums").and_then(Object::as_array).unwrap();
    numbers.chunks(2).map(|pair| (pair[0].as_i64().unwrap(), pair[1].clone())).collect()
}

/// Walks a page's operators: gives its marked-content numbers, and fails where something is drawn
/// outside marked content.
fn marks_of_page(file: &Document, page: ObjectId) -> Vec<i64> {
    let content = lopdf::content::Content::decode(&file.get_page_content(page)).unwrap();
    let (mut open, mut in_text, mut numbers) = (0, false, Vec::new());
    let mut opened_in_text = Vec::new();
    for operation in &content.operations {
        match operation.operator.as_str() {
            "BDC" => {
                open += 1;
                opened_in_text.push(in_text);
                if let Some(properties) = operation.operands.get(1)
                    && let Ok(number) = properties.as_dict().unwrap().get(b"MCID")
                {
                    numbers.push(number.as_i64().unwrap());
                } else {
                    assert_eq!(operation.operands[0].as_name().unwrap(), b"Artifact");
                    let kind = operation.operands[1].as_dict().map(|artifact| name(artifact, b"Type"));
                    assert!(matches!(kind, Ok("Layout" | "Pagination")), "an artifact says of what kind");
                }
            }
            "EMC" => {
                open -= 1;
                assert_eq!(opened_in_text.pop(), Some(in_text), "marked content and text nest");
            }
            "BT" => in_text = true,
            "ET" => in_text = false,
            "Tj" | "TJ" => assert!(open == 1 && in_text, "text stands in marked content"),
            "S" | "f" | "s" | "B" | "Do" => {
                assert!(open == 1 && !in_text, "drawing stands in marked content");
            }
            "BMC" | "gs" | "sh" | "BI" => panic!("{} has no place here", operation.operator),
            _ => {}
        }
    }
    assert_eq!(open, 0);
    numbers
}

#[test]
fn every_piece_of_content_has_one_owner_and_the_parent_tree_names_it() {
    let file = file();
    let parents = parent_tree(&file);
    let mut owners: BTreeMap<(ObjectId, i64), ObjectId> = BTreeMap::new();
    let mut linked = BTreeMap::new();
    for (id, element) in elements(&file) {
        for kid in kids(&file, element) {
            match kid {
                Kid::Marked(page, mark) => {
                    assert_eq!(owners.insert((page, mark), id), None, "content has one owner");
                }
                Kid::Link(link) => assert_eq!(linked.insert(link, id), None, "a link has one owner"),
                Kid::Element(_) => {}
            }
        }
    }
    let mut drawn = 0;
    for page in file.get_pages().into_values() {
        let entry = file.get_dictionary(page).unwrap();
        assert_eq!(name(entry, b"Tabs"), "S");
        let key = entry.get(b"StructParents").and_then(Object::as_i64).unwrap();
        let list = file.dereference(&parents[&key]).unwrap().1.as_array().unwrap();
        let marks = marks_of_page(&file, page);
        assert_eq!(marks, (0..list.len() as i64).collect::<Vec<_>>(), "marks are numbered in order");
        for (mark, owner) in (0..).zip(list) {
            assert_eq!(owners.get(&(page, mark)), Some(&owner.as_reference().unwrap()));
        }
        drawn += marks.len();
        for link in entry.get(b"Annots").and_then(Object::as_array).into_iter().flatten() {
            let link = link.as_reference().unwrap();
            let annotation = file.get_dictionary(link).unwrap();
            assert!(annotation.has(b"Contents") && annotation.has(b"Dest"), "a link says where it leads");
            let key = annotation.get(b"StructParent").and_then(Object::as_i64).unwrap();
            assert_eq!(parents[&key].as_reference().unwrap(), linked[&link]);
        }
    }
    assert_eq!(drawn, owners.len(), "no element owns what is not drawn");
    assert!(drawn > 3_000);
}

#[test]
fn headings_do_not_skip_a_level_and_the_bookmarks_are_the_headings() {
    let file = file();
    let mut level = 0;
    let mut count = 0;
    for (_, element) in elements(&file) {
        if let Some(found) = name(element, b"S").strip_prefix('H').and_then(|level| level.parse::<i64>().ok())
        {
            assert!(found <= level + 1, "level {found} follows level {level}");
            level = found;
            count += 1;
        }
    }
    let outlines = dictionary(&file, catalogue(&file).get(b"Outlines").unwrap());
    let mut marks = 0;
    let mut next = vec![outlines.get(b"First").unwrap().as_reference().unwrap()];
    while let Some(id) = next.pop() {
        marks += 1;
        let mark = file.get_dictionary(id).unwrap();
        assert!(mark.has(b"Title") && mark.has(b"Dest"));
        next.extend(
            [b"Next".as_slice(), b"First"]
                .iter()
                .filter_map(|key| mark.get(key).and_then(Object::as_reference).ok()),
        );
    }
    // The contents page has a heading of its own, which is not among the bookmarks.
    assert_eq!(marks, count - 1);
}

#[test]
fn tables_figures_and_lists_have_what_a_listener_needs() {
    let file = file();
    let all = elements(&file);
    let roles: BTreeMap<ObjectId, &str> =
        all.iter().map(|(id, element)| (*id, name(element, b"S"))).collect();
    for (id, element) in &all {
        let role = roles[id];
        let attribute =
            |key: &[u8]| element.get(b"A").and_then(Object::as_dict).and_then(|all| all.get(key)).is_ok();
        let parent =
            element.get(b"P").and_then(Object::as_reference).ok().and_then(|id| roles.get(&id).copied());
        match role {
            "Figure" => {
                let words = element.get(b"Alt").and_then(Object::as_str).unwrap();
                assert!(!words.is_empty() && attribute(b"BBox"));
            }
            "TH" => assert!(attribute(b"Scope") && parent == Some("TR")),
            "TD" => assert_eq!(parent, Some("TR")),
            "TR" => assert!(matches!(parent, Some("THead" | "TBody"))),
            "THead" | "TBody" | "Caption" => assert_eq!(parent, Some("Table")),
            "LI" => assert_eq!(parent, Some("L")),
            "Lbl" | "LBody" => assert_eq!(parent, Some("LI")),
            "TOCI" => assert_eq!(parent, Some("TOC")),
            "L" => assert!(attribute(b"ListNumbering")),
            _ => {}
        }
    }
    let found: BTreeSet<&str> = roles.values().copied().collect();
    for role in ["Document", "H1", "H2", "P", "L", "Table", "Figure", "Link", "TOC", "Caption"] {
        assert!(found.contains(role), "the sample has no {role}");
    }
}

#[test]
fn every_row_of_a_table_covers_as_many_columns() {
    let file = file();
    let span = |cell: &Dictionary, key: &[u8]| {
        let found =
            cell.get(b"A").and_then(Object::as_dict).and_then(|all| all.get(key)).and_then(Object::as_i64);
        found.unwrap_or(1) as usize
    };
    for (_, table) in elements(&file).into_iter().filter(|(_, element)| name(element, b"S") == "Table") {
        let parts = kids(&file, table).into_iter().filter_map(|kid| match kid {
            Kid::Element(id) => Some(file.get_dictionary(id).unwrap()),
            Kid::Marked(..) | Kid::Link(_) => None,
        });
        let mut across = None;
        for part in parts.filter(|part| name(part, b"S") != "Caption") {
            // How many more rows each column is taken for by a cell above.
            let mut taken: Vec<usize> = Vec::new();
            for row in kids(&file, part) {
                let Kid::Element(row) = row else { panic!("a table's part holds rows") };
                let mut at = 0;
                for cell in kids(&file, file.get_dictionary(row).unwrap()) {
                    let Kid::Element(cell) = cell else { panic!("a row holds cells") };
                    let cell = file.get_dictionary(cell).unwrap();
                    while taken.get(at).is_some_and(|&rows| rows > 0) {
                        at += 1;
                    }
                    for _ in 0..span(cell, b"ColSpan") {
                        taken.resize(taken.len().max(at + 1), 0);
                        taken[at] = span(cell, b"RowSpan");
                        at += 1;
                    }
                }
                assert!(taken.iter().all(|&rows| rows > 0), "every column of a row is filled");
                assert_eq!(*across.get_or_insert(taken.len()), taken.len());
                taken.iter_mut().for_each(|rows| *rows -= 1);
            }
            assert!(taken.iter().all(|&rows| rows == 0), "no cell reaches past its part of the table");
        }
    }
}

#[test]
fn the_file_says_its_language_title_and_standards() {
    let file = file();
    let catalogue = catalogue(&file);
    assert_eq!(catalogue.get(b"Lang").and_then(Object::as_str).unwrap(), b"en-GB");
    let shown = catalogue.get(b"ViewerPreferences").and_then(Object::as_dict).unwrap();
    assert!(shown.get(b"DisplayDocTitle").and_then(Object::as_bool).unwrap());
    let metadata = catalogue.get(b"Metadata").and_then(Object::as_reference).unwrap();
    let packet = &file.get_object(metadata).and_then(Object::as_stream).unwrap().content;
    let packet = std::str::from_utf8(packet).unwrap();
    assert!(packet.contains("<pdfuaid:part>1<") && packet.contains("<pdfaid:conformance>A<"));
    assert!(packet.contains("Better Care Fund board pack, November 2015"));
}

#[test]
fn the_same_document_gives_the_same_bytes_on_two_threads_at_once() {
    let pack = sample::pack();
    let (first, second) = std::thread::scope(|scope| {
        let threads = [scope.spawn(|| draw(&pack)), scope.spawn(|| draw(&pack))];
        let [first, second] = threads.map(|thread| thread.join().unwrap());
        (first, second)
    });
    assert_eq!(first, second);
    assert_eq!(first, draw(&sample::pack()));
    assert!(first.missing_glyphs.is_empty());
    assert!((15..=20).contains(&first.pages));
    assert!(first.bytes.len() < 300_000);
}

#[test]
fn a_document_of_nothing_is_still_one_whole_page() {
    let drawn = draw(&crate::packs::document::Document::default());
    assert_eq!(drawn.pages, 1);
    assert_eq!(Document::load_mem(&drawn.bytes).unwrap().get_pages().len(), 1);
}
