//! An area's figures as they stand: every section, every figure's working, what if, and how soon a
//! change shows.

mod months;
mod walk;

use crate::site::{AREA, Browser, MONTH, TestSite, example, location, on_each_database, text};
use outturn::{
    clock::Clock,
    demo,
    figures::period::Month,
    month_end::take_in,
    packs::{
        compose::{compose, value::Show},
        template::Templates,
    },
    service::Service,
    store::{Deed, Intake, Submission},
    web::{Site, answer::Answer, dispatch},
};
use std::time::{Duration, Instant};
use walk::{figures_of, links_of};

const READERS: [&str; 7] = [
    "officer.council@example.org",
    "approver.council@example.org",
    "officer.trust@example.org",
    "manager@example.org",
    "board@example.org",
    "alliance@example.org",
    "auditor@example.org",
];

fn place(rest: &str) -> String {
    format!("/areas/{AREA}/{MONTH}{rest}")
}

fn page(browser: &Browser, place: &str) -> String {
    let answer = browser.get(place);
    assert_eq!(answer.status, 200, "{place}: {}", text(&answer));
    text(&answer)
}

fn header(answer: &Answer, name: &str) -> String {
    let found = answer.headers.iter().find(|(known, _)| *known == name);
    found.map(|(_, value)| value.clone()).unwrap_or_default()
}

#[test]
fn where_nothing_was_returned_pages_say_so_and_no_nought_stands_alone() {
    let folder = tempfile::tempdir().unwrap();
    let mut site = crate::site::without_returns(folder.path());
    let manager = site.as_person("manager@example.org");
    let words =
        "No measures, finance or capitation return has been taken in for April 2015 to November 2015 yet.";
    for rest in ["", "/pooled-budget"] {
        let page = page(&manager, &place(rest));
        assert!(page.contains(words), "{rest}: {page}");
    }
    for email in ["officer.council@example.org", "manager@example.org"] {
        let first = page(&site.as_person(email), "/");
        assert!(first.contains("Nothing has been accepted yet"), "{email}: {first}");
        assert!(first.contains("Send the first return"), "{email}: {first}");
        assert!(first.contains(&place("/returns/upload")), "{email}: {first}");
    }
    let reader = page(&site.as_person("board@example.org"), "/");
    assert!(
        reader.contains("Nothing has been accepted yet") && !reader.contains("first return<"),
        "{reader}"
    );
    let scorecard = page(&manager, &place("/scorecard"));
    assert!(scorecard.contains("12 cannot be judged yet, for want of a target or of data."), "{scorecard}");
    let figure = page(&manager, &place("/figures/schemes.S01.outturn"));
    assert!(figure.contains("no amounts are held to add up"), "{figure}");
    let figure = page(&manager, &place("/figures/pools.total.outturn"));
    assert!(figure.contains("nobody has sent a nought"), "{figure}");
    // Long after the plan's months: the last of them, not the first.
    site.site = site.later(chrono::TimeDelta::days(3_650));
    let latest = site.as_person("manager@example.org").get(&format!("/areas/{AREA}"));
    assert_eq!(location(&latest), format!("/areas/{AREA}/2016-03"));
    let with_returns = example();
    let page = page(&with_returns.as_person("manager@example.org"), &place(""));
    assert!(!page.contains("return has been taken in for"), "{page}");
}

fn month() -> Month {
    Month::parse(MONTH.as_bytes()).unwrap()
}

/// The ids of the sections that the pack's own document has.
fn sections(site: &TestSite) -> Vec<String> {
    let service = &site.site.service;
    let area = service.area(AREA).unwrap();
    let position = area.position(month());
    let document = service.templates().document(&compose(area.source(&position))).unwrap();
    document.sections().iter().map(|section| section.id.to_owned()).collect()
}

/// Takes in the example's measures with one numerator changed, as an accepted return is.
fn take_in_changed(site: &TestSite, from: &str, to: &str) {
    let (_, name, bytes) =
        demo::return_files().into_iter().find(|(_, name, _)| *name == "measures.csv").unwrap();
    let changed = String::from_utf8(bytes.to_vec()).unwrap();
    assert_eq!(changed.matches(from).count(), 1, "{from}");
    let changed = changed.replace(from, to);
    let service = &site.site.service;
    let plan = service.plan().unwrap();
    let plan = plan.area(AREA).unwrap();
    let taken = take_in(plan, month(), Intake::Whole, name, changed.as_bytes()).ok().unwrap();
    let faults = taken.row_faults();
    let submission = taken.submission(plan, &faults, Intake::Whole, service.clock.now());
    service.change(|store| store.accept(&[submission], &Deed::default())).unwrap();
}

#[test]
fn every_reader_has_every_section_of_the_pack() {
    let site = example();
    let sections = sections(&site);
    assert!(sections.len() >= 10, "{sections:?}");
    for reader in READERS {
        let browser = site.as_person(reader);
        let overview = page(&browser, &place(""));
        for section in &sections {
            let address = place(&format!("/{section}"));
            page(&browser, &address);
            assert!(
                section == &sections[0] || overview.contains(&format!("href=\"{address}\"")),
                "{reader} finds {section} from the overview"
            );
        }
    }
}

#[test]
fn whoever_is_no_reader_of_the_area_finds_nothing() {
    let site = example();
    let administrator = site.as_person("administrator@example.org");
    for rest in
        ["", "/scorecard", "/schemes", "/measures/NEA", "/figures/scorecard.NEA.rag", "/what-if", "/fund"]
    {
        assert_eq!(administrator.get(&place(rest)).status, 404, "{rest}");
        assert_eq!(site.browser().get(&place(rest)).status, 303, "{rest}");
    }
    let board = site.as_person("board@example.org");
    assert_eq!(board.get(&place("/what-if")).status, 404, "what-ifs are for some");
    let alliance = page(&site.as_person("alliance@example.org"), &place("/contract"));
    let nav = alliance.split("<nav").find(|part| part.contains("Buckinghamshire, November 2015")).unwrap();
    let order: Vec<Option<usize>> = ["Contract<", "Incentive<", "Scorecard<", "Packs<", "Overview<"]
        .map(|words| nav.find(words))
        .to_vec();
    assert!(
        order.iter().all(Option::is_some) && order.is_sorted(),
        "what they come for stands first: {order:?}"
    );
}

#[test]
fn what_is_not_there_is_absent() {
    let site = example();
    let manager = site.as_person("manager@example.org");
    for path in [
        format!("/areas/{AREA}/2014-03"),
        format!("/areas/{AREA}/2016-04/scorecard"),
        format!("/areas/{AREA}/2015-13"),
        place("/no-such-section"),
        place("/measures/NONE"),
        place("/figures/scorecard.NONE.rag"),
        place("/figures/none"),
        place("/received/9"),
        place("/received/1/rows/999999"),
        "/areas/E99999999/2015-11/scorecard".into(),
    ] {
        assert_eq!(manager.get(&path).status, 404, "{path}");
    }
}

#[test]
fn every_figure_on_every_page_is_the_packs_and_leads_to_its_working() {
    let site = example();
    let auditor = site.as_person("auditor@example.org");
    let service = &site.site.service;
    let area = service.area(AREA).unwrap();
    let position = area.position(month());
    let composed = compose(area.source(&position));
    let figures = place("/figures/");
    let mut pages = vec![place(""), place("/scorecard"), place("/scorecard/by-month")];
    pages.extend(sections(&site).iter().map(|section| place(&format!("/{section}"))));
    pages.extend(area.agreement().measures.iter().map(|measure| place(&format!("/measures/{}", measure.id))));
    let mut met = std::collections::BTreeSet::new();
    for address in pages {
        for (id, words) in figures_of(&page(&auditor, &address), &figures) {
            let value = composed.figure(&id).unwrap_or_else(|| panic!("{address}: {id}")).value;
            let shown = [Show::Plain, Show::Pounds, Show::SignedPounds, Show::SignedMoney]
                .map(|show| value.shown(show));
            assert!(
                shown.iter().any(|shown| words.starts_with(shown.as_str())),
                "{address}, {id}: {words} is not {shown:?}"
            );
            met.insert(id);
        }
    }
    assert!(met.len() > 700, "{}", met.len());
    // What every figure is made from is walked too, until nothing new is found.
    let mut waiting: Vec<String> = met.iter().cloned().collect();
    while let Some(id) = waiting.pop() {
        let html = page(&auditor, &format!("{figures}{id}"));
        assert!(html.contains("How this was worked out"), "{id}");
        // Further pages of a figure's rows are of the same figure.
        let of_figures = links_of(&html).filter_map(|link| link.strip_prefix(&figures)?.split('?').next());
        for link in of_figures {
            if met.insert(link.to_owned()) {
                waiting.push(link.to_owned());
            }
        }
    }
}

#[test]
fn the_pages_tables_are_those_of_the_published_pack() {
    on_each_database(|site| {
        let service = &site.site.service;
        let area = service.area(AREA).unwrap();
        let position = area.position(month());
        let composed = compose(area.source(&position));
        let mut store = service.store().unwrap();
        for table in &composed.tables {
            let path = format!("data/{}.csv", table.name);
            let published = store.published_file(AREA, month(), 1, &path).unwrap();
            assert_eq!(published, Some(outturn::packs::data::csv(table)), "{path}");
        }
    });
}

#[test]
fn the_scorecard_is_filtered_and_each_filter_can_be_taken_away() {
    let site = example();
    let manager = site.as_person("manager@example.org");
    let rows = |query: &str| {
        page(&manager, &place(&format!("/scorecard{query}"))).matches("<th scope=\"row\">").count()
    };
    assert_eq!(
        [rows(""), rows("?status=off-plan"), rows("?status=on-plan"), rows("?variation=improvement")],
        [12, 2, 1, 3]
    );
    assert_eq!(
        [rows("?status=off-plan&variation=improvement"), rows("?status=nonsense"), rows("?domain=%3Cb%3E")],
        [0, 12, 12]
    );
    let both = page(&manager, &place("/scorecard?status=off-plan&variation=concern"));
    assert!(both.contains("2 of 12 measures"));
    for without in ["?variation=concern", "?status=off-plan"] {
        assert!(both.contains(&format!("href=\"{}\"", place(&format!("/scorecard{without}")))), "{without}");
    }
    assert!(both.contains("value=\"off-plan\" selected"));
}

#[test]
fn a_what_if_moves_figures_and_stores_nothing() {
    on_each_database(|site| {
        let alliance = site.as_person("alliance@example.org");
        let held = || {
            let mut store = site.site.service.store().unwrap();
            let submissions: Vec<Submission> = store.submissions(None).unwrap();
            (submissions, store.mark().unwrap())
        };
        let before = held();
        let query =
            "?measure=CAREPLAN&value=62&scheme=S03&outturn=3%2C500%2C000&segment=SEG1&members=%2B5%25";
        let html = page(&alliance, &place(&format!("/what-if{query}")));
        assert!(
            html.contains("comes to 62 for the year to date") && html.contains("comes to £3,500,000.00"),
            "{html}"
        );
        let money = html.find("<caption>Money").unwrap();
        assert!(money < html.find("<caption>Other figures").unwrap(), "money stands first");
        let why =
            links_of(&html).find(|link| link.contains("/what-if/figures/schemes.S03.outturn?")).unwrap();
        let why = page(&alliance, &why.replace("&amp;", "&").replace("&#x3D;", "="));
        assert!(why.contains("£3,500,000.00") && why.contains("This is not how things stand"), "{why}");
        assert_eq!(held(), before);

        let measure = page(&alliance, &place("/measures/CAREPLAN"));
        let ask = links_of(&measure).find(|link| link.contains("/what-if?")).unwrap().replace("&#x3D;", "=");
        assert!(
            page(&alliance, &ask).contains("value=\"CAREPLAN\" selected"),
            "it is chosen, the rest is open"
        );
        assert!(
            !page(&site.as_person("board@example.org"), &place("/measures/CAREPLAN")).contains("/what-if")
        );

        let wrong = alliance.get(&place("/what-if?measure=CAREPLAN&value=many"));
        assert_eq!(wrong.status, 422);
        let html = text(&wrong);
        assert!(html.contains("<title>Error: What if") && html.contains("There is a problem"));
        assert!(html.contains("value=\"many\"") && html.contains("href=\"#value\""));
    });
}

#[test]
fn the_fund_by_month_adds_up_to_the_packs_figures() {
    let site = example();
    let manager = site.as_person("manager@example.org");
    let area = site.site.service.area(AREA).unwrap();
    let position = area.position(month());
    let composed = compose(area.source(&position));
    for (query, sums) in [("", 3), ("?scheme=S03", 3), ("?partner=BCC", 3), ("?scheme=S03&partner=BCC", 1)] {
        let html = page(&manager, &place(&format!("/fund{query}")));
        let found = figures_of(&html, &place("/figures/"));
        assert_eq!(found.len(), sums, "{query}");
        for (id, words) in found {
            let value = composed.figure(&id).unwrap().value;
            assert!(
                [Show::Plain, Show::SignedMoney].iter().any(|show| value.shown(*show) == words),
                "{id}: {words}"
            );
        }
    }
    assert!(page(&manager, &place("/schemes")).contains(&place("/fund")));
}

#[test]
fn an_accepted_return_changes_the_pages_within_100_milliseconds() {
    on_each_database(|site| {
        let board = site.as_person("board@example.org");
        let value = |html: &str, id: &str| {
            let found = figures_of(html, &place("/figures/")).into_iter().find(|(known, _)| known == id);
            found.unwrap_or_else(|| panic!("{id} is not on the page")).1
        };
        let id = "scorecard.NEA.latest_value";
        assert_eq!(value(&page(&board, &place("/scorecard")), id), "706");
        page(&board, &place("/measures/NEA"));
        take_in_changed(site, ",NEA,3569,", ",NEA,3669,");
        let start = Instant::now();
        // 3,669 × 100,000 ÷ 505,300 = 726.1…
        assert_eq!(value(&page(&board, &place("/scorecard")), id), "726");
        assert!(start.elapsed() < Duration::from_millis(100), "{:?}", start.elapsed());
        let measure = page(&board, &place("/measures/NEA"));
        assert!(measure.contains("Figures that a later return took the place of"), "{measure}");
        assert!(measure.contains("706 (3,569 of 505,300)") && measure.contains("726 (3,669 of 505,300)"));
        assert!(page(&board, &place("")).contains("Submission 4, measures"));
    });
}

#[test]
fn a_page_that_has_not_changed_is_known_by_its_tag() {
    on_each_database(|site| {
        let (board, auditor) = (site.as_person("board@example.org"), site.as_person("auditor@example.org"));
        let scorecard = place("/scorecard");
        let request = |browser: &Browser, tag: &str| {
            let mut raw = browser.request("GET", &scorecard);
            raw.headers.push(("if-none-match".into(), tag.to_owned()));
            raw
        };
        let first = board.get(&scorecard);
        let tag = header(&first, "etag");
        assert_eq!(header(&first, "cache-control"), "private, no-cache");
        let again = board.send(request(&board, &tag));
        assert_eq!((again.status, again.body.len(), header(&again, "etag")), (304, 0, tag.clone()));
        let compressed = format!("{}-gzip\"", tag.trim_end_matches('"'));
        assert_eq!(board.send(request(&board, &compressed)).status, 304, "it was compressed on its way");
        assert_eq!(auditor.send(request(&auditor, &tag)).status, 200, "another reader has another page");

        let kept =
            site.site.cached(&board.request("GET", &scorecard)).expect("it was drawn and nothing changed");
        assert_eq!((kept.status, text(&kept)), (200, text(&board.get(&scorecard))));
        assert!(
            site.site.cached(&site.browser().request("GET", &scorecard)).is_none(),
            "nobody has signed in"
        );
        let mut unsigned = board.request("GET", &scorecard);
        unsigned.headers.clear();
        assert!(site.site.cached(&unsigned).is_none());

        take_in_changed(site, ",NEA,3569,", ",NEA,3669,");
        assert!(site.site.cached(&board.request("GET", &scorecard)).is_none(), "what was kept is old");
        let changed = board.send(request(&board, &tag));
        assert_eq!(changed.status, 200);
        assert_ne!(header(&changed, "etag"), tag);
    });
}

#[test]
fn signing_out_ends_what_was_kept_for_the_reader() {
    on_each_database(|site| {
        let board = site.as_person("board@example.org");
        page(&board, &place("/scorecard"));
        let raw = board.request("GET", &place("/scorecard"));
        assert!(site.site.cached(&raw).is_some());
        board.post("/sign-out", &[]);
        assert!(site.site.cached(&raw).is_none());
        assert_eq!(board.send(raw).status, 303);
    });
}

#[test]
fn a_row_of_a_return_leads_to_the_figures_that_it_reaches_and_the_file_as_it_was_sent() {
    on_each_database(|site| {
        let manager = site.as_person("manager@example.org");
        let working = page(&manager, &place("/figures/measure_months.NEA~2015-11.value"));
        let row =
            links_of(&working).find(|link| link.contains("/rows/")).expect("it rests on a row").to_owned();
        let html = page(&manager, &row);
        assert!(
            html.contains("3,569 of 505,300") && html.contains("figures/scorecard.NEA.year_to_date"),
            "{html}"
        );
        let (_, _, sent) =
            demo::return_files().into_iter().find(|(_, name, _)| *name == "measures.csv").unwrap();
        let file = row.split("/rows/").next().unwrap().to_owned() + "/file";
        assert_eq!(manager.get(&file).body, sent);
        for other in ["board@example.org", "alliance@example.org", "officer.council@example.org"] {
            assert_eq!(site.as_person(other).get(&file).status, 404, "{other}");
        }
    });
}

#[test]
fn a_section_that_a_template_adds_has_a_page_and_a_link_by_itself() {
    let site = example();
    let folder = tempfile::tempdir().unwrap();
    let built_in = std::fs::read_to_string("report-templates/board-pack/data-quality.hbs").unwrap();
    let added = "<page-break/>\n<h1 id=\"next-steps\" numbered=\"yes\">Next steps</h1>\n<p>Meet again in {{area}}.</p>\n";
    std::fs::write(folder.path().join("data-quality.hbs"), format!("{built_in}{added}")).unwrap();
    let templates = Templates::from_folder(folder.path()).unwrap();
    let clock = Clock::starting_at(demo::now());
    let service = Service::open(&site.database, clock, templates, true).unwrap();
    let other = Site::new(std::sync::Arc::new(service));
    let browser = site.as_person("board@example.org");
    let asked = |rest: &str| text(&dispatch::answer(&other, &browser.request("GET", &place(rest))));
    assert!(asked("").contains(&format!("<a href=\"{}\">Next steps</a>", place("/next-steps"))));
    assert!(asked("/next-steps").contains("Meet again in Buckinghamshire."));
    assert_eq!(browser.get(&place("/next-steps")).status, 404);
}
