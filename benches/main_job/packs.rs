//! One board pack from stored facts, format by format.

use crate::{
    Asked,
    country::Country,
    measure::{Spent, load, median, spent},
    workload,
};
use outturn::{
    figures::position::Position,
    packs::{
        compose::{Composed, PackSource, compose},
        data,
        freeze::{Formats, freeze},
        html, pdf, positions,
        template::Templates,
    },
    store::{DatabaseUrl, Store},
};

/// Packs drawn in one run.
const PACKS_A_RUN: u32 = 8;

pub fn run(asked: &Asked) {
    let folder = tempfile::tempdir().expect("a folder for the country can be made");
    workload::write(folder.path(), 1).expect("the country can be written");
    let country = Country::read(folder.path());
    let database = DatabaseUrl::Sqlite(folder.path().join("outturn.db"));
    country.take_in(&database);
    let plan = &country.plan.areas[0];
    let as_at = workload::as_at();
    let templates = Templates::built_in();
    let mut store = Store::open(&database).expect("the database is there");
    let mut facts_in_force = || store.facts_in_force(plan, None).expect("the facts can be read");
    let facts = facts_in_force().facts;
    let position = Position::of(plan, &facts, as_at);
    let source = PackSource {
        plan,
        facts: &facts,
        position: &position,
        returns: &[],
        plan_sha256: "",
        commentary: Some(&[]),
        restates: None,
    };
    let composed = compose(source);
    let document = templates.document(&composed).expect("the built-in templates are sound");

    println!("\nOne pack of one area, from stored facts: {}", load());
    let steps: [(&str, &mut dyn FnMut() -> usize); 8] = [
        ("read the facts in force", &mut || facts_in_force().facts.finance.len()),
        ("work out the position", &mut || Position::of(plan, &facts, as_at).scorecard.len()),
        ("positions.json", &mut || positions::positions_json(plan, &facts, &position).len()),
        ("data/*.csv", &mut || csv_bytes(&compose(source))),
        ("document from templates", &mut || {
            templates.document(&compose(source)).expect("the built-in templates are sound").blocks.len()
        }),
        ("pack.html from the document", &mut || html::draw(&document, templates.style()).len()),
        ("pack.pdf from the document", &mut || pdf::draw(&document).bytes.len()),
        ("the whole pack, frozen", &mut || {
            let pack = freeze(source, &templates, Formats::ALL).expect("the built-in templates are sound");
            pack.files.iter().map(|file| file.bytes.len()).sum()
        }),
    ];
    for (name, step) in steps {
        let size = step();
        let runs: Vec<Spent> = (0..asked.rounds)
            .map(|_| {
                let packs = || (0..PACKS_A_RUN).map(|_| step()).sum::<usize>();
                let (sizes, took) = spent(packs);
                assert_eq!(sizes, size * PACKS_A_RUN as usize, "the same facts give the same pack");
                took
            })
            .collect();
        let run = median(&runs);
        let milliseconds = |time: std::time::Duration| time.as_secs_f64() * 1000.0 / f64::from(PACKS_A_RUN);
        let (wall, processor) = (milliseconds(run.wall), milliseconds(run.processor));
        println!("  {name:<44} {wall:>8.2} ms {processor:>8.2} ms processor  {size:>9} bytes or items");
    }
}

fn csv_bytes(composed: &Composed<'_>) -> usize {
    composed.tables.iter().map(|table| data::csv(table).len()).sum()
}
