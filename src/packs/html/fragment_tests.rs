//! Parts of a pack on the pages of a web service.

use super::{Links, fragment, sprite, style_sheet};
use crate::packs::{difference, example::Example, html, pages, template::Templates};
use std::collections::BTreeSet;

const LINKS: Links<'static> = Links { figures: "/figures/", reference: &|id| format!("/at/{id}") };

fn linked(fragment: &str) -> BTreeSet<&str> {
    let opening = "<a class=\"figure\" href=\"/figures/";
    fragment.split(opening).skip(1).map(|rest| rest.split('"').next().unwrap()).collect()
}

#[test]
fn every_section_of_the_pack_is_drawn_with_links_to_figures_that_are_there() {
    let (example, templates) = (Example::published(), Templates::built_in());
    let composed = example.composed();
    let document = templates.document_with_figures(&composed).unwrap();
    let sections = document.sections();
    let ids: Vec<&str> = sections.iter().map(|section| section.id).collect();
    assert_eq!(
        ids,
        [
            "summary",
            "scorecard",
            "charts",
            "pooled-budget",
            "schemes",
            "variances",
            "risk-share",
            "contract",
            "incentive",
            "data-quality",
            "method"
        ]
    );
    let drawn: String = sections.iter().map(|section| fragment(section.blocks, LINKS)).collect();
    for needed in [
        "pools.total.budget_full_year",
        "segments.year-to-date~total.surplus",
        "scorecard.NEA.year_to_date",
        "scorecard_months.NEA~Target.nov",
        "schemes.total.outturn",
        "variances.S01.BHT",
        "risk_share.INTEGRATED~BCC.share",
        "incentive.NEA.earned",
        "quality.finance.accepted",
    ] {
        assert!(linked(&drawn).contains(needed), "{needed}");
    }
    for id in linked(&drawn) {
        assert!(composed.figure(id).is_some(), "{id}");
    }
}

#[test]
fn a_fragment_says_what_the_pack_says_and_brings_no_style_or_script() {
    let (example, templates) = (Example::published(), Templates::built_in());
    let composed = example.composed();
    let page = html::draw(&templates.document(&composed).unwrap(), templates.style());
    let document = templates.document_with_figures(&composed).unwrap();
    let words = |html: &str| -> String {
        html.split('<').skip(1).filter_map(|part| Some(part.split_once('>')?.1)).collect()
    };
    let all_words = words(&page[page.find("<main").unwrap()..]);
    for section in document.sections() {
        let drawn = fragment(section.blocks, LINKS);
        for foreign in [" style=", "<style", "<script", " on", "<html", "<symbol"] {
            assert!(
                !drawn.split('<').any(|tag| format!("<{tag}").split('>').next().unwrap().contains(foreign)),
                "{foreign}"
            );
        }
        // Only the breaks between printed pages differ.
        for line in words(&drawn).lines().filter(|line| !line.is_empty()) {
            assert!(all_words.contains(line), "{line}");
        }
    }
}

#[test]
fn a_reference_leads_to_the_page_of_its_section() {
    let example = Example::published();
    let document = Templates::built_in().document_with_figures(&example.composed()).unwrap();
    let reference = |id: &str| document.section_of(id).map_or(String::new(), |s| format!("/{}#{id}", s.id));
    let links = Links { figures: "", reference: &reference };
    let drawn = fragment(document.sections()[1].blocks, links);
    assert!(drawn.contains("<a href=\"/method#method\">"));
    assert_eq!(document.section_of("table-corridor").unwrap().id, "contract");
    assert!(document.front().iter().any(|block| matches!(block, crate::packs::document::Block::Heading(_))));
}

#[test]
fn the_scorecard_at_a_glance_has_a_sparkline_for_each_measure() {
    let example = Example::published();
    let composed = example.composed();
    let glance = pages::scorecard_at_a_glance(&composed).unwrap();
    let drawn = fragment(&[glance], LINKS);
    assert_eq!(drawn.matches("<svg class=\"spark\" role=\"img\" aria-label=\"").count(), 12);
    assert!(drawn.contains("aria-label=\"Rate of emergency admissions: "));
    assert!(linked(&drawn).contains("scorecard.NEA.year_to_date"));
    assert!(!drawn.contains(" style="));
}

#[test]
fn a_measure_has_a_page_of_its_own() {
    let example = Example::published();
    let composed = example.composed();
    assert_eq!(pages::measure(&composed, "NONE"), None);
    for measure in &example.plan.measures {
        let drawn = fragment(&pages::measure(&composed, &measure.id).unwrap(), LINKS);
        let (figures, is_kpi) = (linked(&drawn), drawn.contains("Its part of the outcome incentive"));
        assert!(figures.contains(format!("scorecard.{}.rag", measure.id).as_str()));
        assert!(figures.contains(format!("measure_months.{}~2015-11.value", measure.id).as_str()));
        assert!(figures.iter().all(|id| composed.figure(id).is_some()));
        assert_eq!(is_kpi, figures.contains(format!("incentive.{}.earned", measure.id).as_str()));
        // The last month stands first.
        let at = |month: &str| drawn.find(&format!("~{month}.value")).unwrap();
        assert!(at("2015-11") < at("2014-04"));
    }
}

#[test]
fn what_moves_is_drawn_in_a_table_with_signs() {
    assert_eq!(pages::changes(&[]), None);
    let before = Example::published();
    // Of the council's part of S01 in November, one pound more.
    let after = Example::as_at("2015-11", |_, text| text.replace("15014.88,15700.00", "15015.88,15700.00"));
    let moved = difference(&before.composed(), &after.composed());
    let drawn = fragment(&[pages::changes(&moved).unwrap()], LINKS);
    // On a narrow screen the row is a card, whose cells say themselves what they are.
    let row = drawn.split("<tr role=\"row\">").find(|row| row.contains("£458,751.90")).unwrap();
    let cells: Vec<&str> = row.split("<td role=\"cell\" data-column=\"").collect();
    let moved = cells.iter().position(|cell| cell.ends_with("\">£458,751.90</td>")).unwrap();
    assert!(
        cells[moved + 1]
            .ends_with("\"><a class=\"figure\" href=\"/figures/schemes.S01.outturn\">£458,752.90</a></td>")
    );
    assert!(cells[moved + 2].contains("\">+£1.00</td>"), "{row}");
    assert!(cells[1..].iter().all(|cell| !cell.starts_with('"')), "{row}");
}

#[test]
fn the_style_sheet_has_the_palette_and_the_sprite_each_shape_once() {
    let style = style_sheet(Templates::built_in().style());
    assert!(style.starts_with(":root {") && style.contains("figure path {") && style.contains(".spark path"));
    assert_eq!(sprite().matches("<symbol").count(), 6);
}
