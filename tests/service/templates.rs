//! An area's own templates in the place of the built-in ones.

use crate::{
    bench::{Bench, files, on_each_database},
    example::{self, AS_AT},
    pack::text_of_pdf,
};

const RISK_SHARE: &str = "own/risk-share.hbs";
const OWN_WORDS: &str = "Sharing the risk between the county and its commissioners";

#[test]
fn a_template_of_the_same_name_changes_the_page_and_the_paper_alike() {
    on_each_database(|bench| {
        example::write(bench);
        bench.run(AS_AT, &[]).done();
        let built_in = files(&bench.path("out"));
        bench.write(
            RISK_SHARE,
            format!("<page-break/>\n<h1 id=\"risk-share\">8. {OWN_WORDS}</h1>\n<p>As agreed.</p>\n"),
        );
        let ran = bench.run(AS_AT, &["--templates", "own"]).done();
        assert!(ran.out.contains("published version 2"), "{ran:#?}");
        let own = files(&bench.path("out"));
        assert!(bench.text("out/E10000002/pack.html").contains(OWN_WORDS));
        if let Some(text) = text_of_pdf(&bench.path("out/E10000002/pack.pdf")) {
            assert!(text.contains(OWN_WORDS));
        }
        // The figures are the same, whatever stands around them.
        for file in ["positions.json", "data/settlement.csv", "data/risk_share.csv"] {
            let path = format!("E10000002/{file}");
            assert_eq!(own[&path], built_in[&path], "{file}");
        }
        bench.outturn(&["verify", "out/E10000002", "--templates", "own"]).done();
        bench
            .outturn(&["verify", "out/E10000002"])
            .ended(1, &["these files differ:", "pack.html", "pack.pdf"]);
    });
}

#[test]
fn a_fault_in_a_template_is_told_with_its_file_and_line_and_nothing_is_published() {
    let bench = Bench::on_sqlite();
    example::write(&bench);
    for (template, said) in [
        ("<h1 id=\"a\">Risk</h1>\n<p>{{#if risk_share}}</p>\n", "risk-share.hbs, line "),
        ("<h1 id=\"a\">Risk</h1>\n<p>{{no_such_word}}</p>\n", "risk-share.hbs, line 2: "),
        ("<h1 id=\"a\">Risk</h1>\n<p>\n<marquee>now</marquee></p>\n", "risk-share.hbs, line 3: "),
        ("<h1 id=\"a\">Risk</h1>\n<p>one</h1>\n", "risk-share.hbs, line 2: "),
        (
            "<h1 id=\"a\">Risk</h1>\n\n<table of=\"no_such_table\" id=\"t\"></table>\n",
            "risk-share.hbs, line 3: ",
        ),
        (
            "<h1 id=\"a\">Risk</h1>\n<callout title=\"t\">\n<paper orientation=\"landscape\"/></callout>\n",
            "risk-share.hbs, line 3: <paper> cannot stand in a callout",
        ),
    ] {
        bench.write(RISK_SHARE, template);
        let refused = bench.run(AS_AT, &["--templates", "own"]).ended(1, &[said]);
        assert_eq!(refused.errors.lines().filter(|line| line.contains(".hbs")).count(), 1, "{refused:#?}");
        assert_eq!(bench.held().2, 0, "{template}");
        assert!(!bench.path("out/E10000002").exists(), "{template}");
    }
}
