//! A made-up pack as large as a national one, for tests to draw. Its figures mean nothing.

mod parts;

use self::parts::*;
use crate::packs::document::*;

/// About 350 table rows, 3,000 cells and 34 charts.
pub fn pack() -> Document {
    let mut blocks = cover();
    blocks.extend(summary());
    blocks.extend(scorecard());
    blocks.extend(charts());
    blocks.extend(profile());
    blocks.extend(pooled_budget());
    blocks.extend(schemes());
    blocks.extend(risk_share());
    blocks.extend(contract());
    blocks.extend(quality());
    Document {
        title: "Better Care Fund board pack, November 2015".to_owned(),
        author: "Ashford Vale Health and Wellbeing Board".to_owned(),
        subject: "Performance, pooled fund and contract position".to_owned(),
        running_head: "Ashford Vale Health and Wellbeing Board".to_owned(),
        running_date: "November 2015, month 8 of 2015–16".to_owned(),
        reference: "HWB-2015-11".to_owned(),
        standing_note: "Illustrative figures".to_owned(),
        blocks,
    }
}

fn cover() -> Vec<Block> {
    let pairs = [
        ("Meeting", "Health and Wellbeing Board, 10 December 2015"),
        ("Agenda item", "7"),
        ("For", "Decision and noting"),
        (
            "Report of",
            "Director of Adult Social Services, and the Accountable Officer of the clinical commissioning groups",
        ),
        ("Contact", "Better Care Fund programme office"),
    ];
    vec![
        paragraph(ParagraphStyle::Kicker, "Report to the Health and Wellbeing Board"),
        heading(1, "cover", "Better Care Fund and capitated contract: position at month 8"),
        paragraph(
            ParagraphStyle::Lead,
            "Eleven of 24 measures are on plan. The pooled fund is forecast to overspend by £1.2m (1.4%).",
        ),
        Block::Definitions(pairs.map(|(name, fact)| (Text::plain(name), Text::plain(fact))).to_vec()),
        Block::Callout {
            title: Text::plain("The Board is asked to"),
            blocks: vec![Block::List(List {
                ordered: true,
                items: vec![
                    Text::plain("note the position at the end of November 2015;"),
                    Text::plain(
                        "agree the release of £250,000 from the risk reserve to the falls service, on the terms in section 6; and",
                    ),
                    Text(vec![
                        Run { text: "ask for a recovery plan for ".to_owned(), style: RunStyle::Plain },
                        Run { text: "delayed transfers".to_owned(), style: RunStyle::Strong },
                        Run { text: ", which are ".to_owned(), style: RunStyle::Plain },
                        Run {
                            text: "off plan for a third month running, and whose special cause is said in "
                                .to_owned(),
                            style: RunStyle::Status(Status::Bad),
                        },
                        Run {
                            text: "the scorecard of measures".to_owned(),
                            style: RunStyle::Reference("scorecard".to_owned()),
                        },
                        Run { text: ".".to_owned(), style: RunStyle::Plain },
                    ]),
                ],
            })],
        },
        Block::Contents { title: "Contents".to_owned() },
        Block::PageBreak(Orientation::Portrait),
    ]
}

fn summary() -> Vec<Block> {
    let tile = |label: &str, value: &str, note: &str, status| Tile {
        label: label.to_owned(),
        value: value.to_owned(),
        note: note.to_owned(),
        status,
        figure: None,
    };
    let items = (0..7).map(|at| {
        Text::plain(format!("Year to date spend is {} against a budget of {}, and the difference of {} is mostly in community services.", pounds(at), pounds(at + 9), change(at)))
    });
    let rows = (0..8).map(|at| {
        vec![
            Cell::text(format!("M{at:02}")),
            Cell::text(MEASURES[at]),
            Cell::text(number(at)),
            Cell::text(number(at + 3)),
            said(at),
        ]
    });
    let columns = vec![
        named("Id"),
        column("Measure", Align::Start),
        column("Year to date", Align::End),
        column("Target", Align::End),
        column("Status", Align::Start),
    ];
    vec![
        heading(1, "summary", "1 Summary"),
        paragraph(
            ParagraphStyle::Lead,
            "Emergency admissions are 4.1% above plan for the third month running; money is close to plan.",
        ),
        Block::Tiles(vec![
            tile("Measures on plan", "11", "of 24 judged", Some(Status::Good)),
            tile("Within tolerance", "5", "up from 4", Some(Status::Watch)),
            tile("Off plan", "8", "three for the third month running", Some(Status::Bad)),
            tile("Pooled budget, full year", "£86,412,000", "six partners", None),
            tile("Forecast variance", "+£1,209,344", "1.4% of budget", Some(Status::Watch)),
            tile(
                "Contract surplus, year to date",
                "+£402,118",
                "after the corridor",
                Some(Status::Improvement),
            ),
            tile("Incentive earned", "£310,000", "of £500,000", None),
            tile("Rows rejected", "60", "see section 11", Some(Status::Unknown)),
        ]),
        Block::List(List { ordered: false, items: items.collect() }),
        heading(2, "off-plan", "Measures off plan"),
        table("off-plan-table", "Measures furthest from plan, year to date", columns, rows.collect(), false),
        paragraph(
            ParagraphStyle::Note,
            "Judged against the plan agreed on 1 April 2015. A dash means that no figure was due.",
        ),
    ]
}

fn scorecard() -> Vec<Block> {
    let mut columns = vec![named("Id"), column("Measure", Align::Start), column("Unit", Align::Start)];
    for (group, heading) in [
        ("Latest month", "Value"),
        ("Latest month", "Target"),
        ("Latest month", "Status"),
        ("Year to date", "Value"),
        ("Year to date", "Target"),
        ("Year to date", "Status"),
    ] {
        columns.push(Column {
            align: if heading == "Status" { Align::Start } else { Align::End },
            ..grouped(group, heading)
        });
    }
    columns.push(column("Last year", Align::End));
    columns.push(column("Change", Align::End));
    columns.push(column("Variation", Align::Start));
    columns.push(column("Assurance", Align::Start));
    let rows = (0..24).map(|at| {
        let mut cells =
            vec![Cell::text(format!("M{at:02}")), Cell::text(MEASURES[at % 8]), Cell::text("per 100,000")];
        cells.extend([
            Cell::text(number(at)),
            Cell::text(number(at + 1)),
            said(at),
            Cell::text(number(at + 2)),
            Cell::text(number(at + 3)),
            said(at + 4),
        ]);
        cells.extend([Cell::text(number(at + 5)), Cell::text(format!("−{}", number(at + 6)))]);
        cells.push(Cell { status: Some(Status::Concern), ..Cell::text("Concern") });
        cells.push(Cell::text("Hit and miss"));
        cells
    });
    vec![
        heading(1, "scorecard", "2 Scorecard"),
        table(
            "scorecard-table",
            "All measures: latest month, year to date, variation and assurance",
            columns,
            rows.collect(),
            true,
        ),
    ]
}

fn charts() -> Vec<Block> {
    vec![
        Block::PageBreak(Orientation::Portrait),
        heading(1, "charts", "3 Measures over time"),
        Block::FigureGrid((0..24).map(chart).collect()),
    ]
}

fn profile() -> Vec<Block> {
    let mut columns = vec![named("Measure"), named("Row")];
    columns.extend(MONTHS.map(|month| column(month, Align::End)));
    let mut rows = Vec::new();
    for at in 0..24 {
        let mut target = vec![Cell { rows: 2, ..Cell::text(MEASURES[at % 8]) }, Cell::text("Target")];
        target.extend((0..9).map(|month| Cell::text(number(at * 9 + month))));
        let mut actual = vec![Cell::covered(), Cell::text("Actual")];
        actual.extend((0..9).map(|month| judged(at * 9 + month, number(at * 7 + month))));
        rows.extend([target, actual]);
    }
    vec![
        heading(1, "profile", "4 Monthly profile"),
        table("profile-table", "Target and actual by month", columns, rows, true),
    ]
}

fn money(first: &str, second: Option<&str>) -> Vec<Column> {
    let mut columns = vec![named(first)];
    columns.extend(second.map(|heading| column(heading, Align::Start)));
    for group in ["Year to date", "Full year"] {
        for heading in ["Budget", "Actual", "Variance", "%"] {
            columns.push(grouped(group, heading));
        }
    }
    columns.push(column("Status", Align::Start));
    columns
}

fn sums(at: usize) -> Vec<Cell> {
    let mut cells: Vec<Cell> = (0..2)
        .flat_map(|half| {
            [pounds(at + half), pounds(at + half + 3), change(at + half), format!("{}.{}%", at % 7, half)]
        })
        .map(Cell::text)
        .collect();
    cells.push(said(at));
    cells
}

fn pooled_budget() -> Vec<Block> {
    let row = |at: usize, name: &str| [vec![Cell::text(name)], sums(at)].concat();
    let partners =
        PARTNERS.iter().enumerate().map(|(at, name)| row(at, name)).chain([row(9, "Total")]).collect();
    let pools = ["Reablement", "Community equipment", "Integrated teams", "Carers", "Total"];
    let pools = pools.iter().enumerate().map(|(at, name)| row(at + 20, name)).collect();
    let years = ["Year", "Pool"]
        .map(named)
        .into_iter()
        .chain(["Budget", "Outturn", "Variance"].map(|heading| column(heading, Align::End)));
    let history = (0..12).map(|at| {
        [
            format!("201{}–1{}", at / 4 + 2, at / 4 + 3),
            format!("Pool {}", at % 4 + 1),
            pounds(at),
            pounds(at + 1),
            change(at),
        ]
        .map(Cell::text)
        .to_vec()
    });
    vec![
        heading(1, "pooled", "5 Pooled budget"),
        table("partners", "Position by partner", money("Partner", None), partners, false),
        table("pools", "Position by pool", money("Pool", None), pools, false),
        table("history", "Three years", years.collect(), history.collect(), false),
        Block::FigureGrid(vec![chart(30), chart(31)]),
    ]
}

fn schemes() -> Vec<Block> {
    let name = |at: usize| {
        format!(
            "{} scheme {at}",
            ["Falls prevention", "Reablement at home", "Hospital discharge", "Carers’ breaks"][at % 4]
        )
    };
    let rows = (0..60).map(|at| {
        let lead =
            vec![Cell::text(format!("S{at:03}")), Cell::text(name(at)), Cell::text("Integrated teams")];
        [lead, sums(at)].concat()
    });
    let mut columns = money("Id", Some("Scheme"));
    columns.insert(2, column("Pool", Align::Start));
    let mut heads = vec![named("Id"), column("Scheme", Align::Start)];
    heads.extend(PARTNERS.map(|partner| column(partner, Align::End)));
    heads.push(column("Total", Align::End));
    let matrix = (0..60).map(|at| {
        let mut cells = vec![Cell::text(format!("S{at:03}")), Cell::text(name(at))];
        cells.extend((0..7).map(|partner| Cell::text(change(at * 7 + partner))));
        cells
    });
    vec![
        heading(1, "schemes", "6 Schemes"),
        table("schemes-table", "All schemes", columns, rows.collect(), true),
        heading(1, "matrix", "7 Variance by scheme and partner"),
        table("matrix-table", "Full-year variance, by scheme and partner", heads, matrix.collect(), true),
    ]
}

fn risk_share() -> Vec<Block> {
    let mut blocks = vec![heading(1, "risk", "8 Risk share")];
    for pool in 0..4 {
        let mut columns = vec![named("Band"), column("Amount", Align::End)];
        columns.extend(PARTNERS.map(|partner| column(partner, Align::End)));
        let rows = (0..8).map(|band| {
            let mut cells = vec![Cell::text(format!("{}", band + 1))];
            cells.extend((0..7).map(|partner| Cell::text(change(pool * 60 + band * 7 + partner))));
            cells
        });
        blocks.push(heading(2, &format!("risk-{pool}"), &format!("Pool {}", pool + 1)));
        blocks.push(paragraph(
            ParagraphStyle::Body,
            "Base £20,412,000.00, variance +£402,118.33, overspend side.",
        ));
        blocks.push(table(
            &format!("risk-table-{pool}"),
            "How the variance is shared",
            columns,
            rows.collect(),
            true,
        ));
    }
    blocks
}

fn contract() -> Vec<Block> {
    let columns = |first: &str| {
        let heads =
            ["Member months", "Contract value", "Cost", "Surplus", "Rate", "Cost per member", "Loss ratio"];
        let mut columns = vec![named(first), column("Name", Align::Start)];
        columns.extend(heads.map(|heading| column(heading, Align::End)));
        columns
    };
    let row = |at: usize, code: String, name: &str| {
        let figures = [
            number(at),
            pounds(at),
            pounds(at + 1),
            change(at),
            "£112.40".to_owned(),
            "£108.11".to_owned(),
            "96.2%".to_owned(),
        ];
        [vec![Cell::text(code), Cell::text(name)], figures.map(Cell::text).to_vec()].concat()
    };
    let segments = (0..5).map(|at| row(at, format!("{at}"), "Adults with one long-term condition"));
    let practices = (0..20).map(|at| row(at, format!("K8200{at}"), "The Surgery, Market Square"));
    let kpis = (0..10).map(|at| {
        [
            format!("M{at:02}"),
            MEASURES[at % 8].to_owned(),
            "10.00%".to_owned(),
            pounds(at),
            "75.0%".to_owned(),
            pounds(at + 1),
        ]
        .map(Cell::text)
        .to_vec()
    });
    let mut heads = vec![named("Id"), column("Measure", Align::Start)];
    heads.extend(["Weight", "Available", "Achieved", "Earned"].map(|heading| column(heading, Align::End)));
    vec![
        heading(1, "contract", "9 Capitated contract"),
        table("segments", "By segment", columns("Segment"), segments.collect(), false),
        Block::FigureGrid((40..44).map(chart).collect()),
        table("practices", "By practice", columns("Practice"), practices.collect(), false),
        heading(1, "incentive", "10 Incentive"),
        table("incentive-table", "Earned by measure", heads, kpis.collect(), false),
    ]
}

fn quality() -> Vec<Block> {
    let columns = vec![named("File"), column("Row", Align::End), column("Why it was refused", Align::Start)];
    let rows = (0..60).map(|at| {
        vec![
            Cell::text("returns-2015-11.csv"),
            Cell::text(format!("{}", at * 3)),
            Cell::text("The numerator is above the denominator"),
        ]
    });
    vec![
        heading(1, "quality", "11 Data quality"),
        paragraph(
            ParagraphStyle::Body,
            "Every row that was refused is listed with its reason, so that the partner who sent it can mend it and send it again. Rows accepted with a query are counted but not listed here; their owners have been told.",
        ),
        table("rejects", "Rows refused", columns, rows.collect(), true),
        Block::PageBreak(Orientation::Landscape),
        heading(2, "landscape", "A broad page"),
        Block::FigureGrid((50..53).map(chart).collect()),
        Block::Figure(chart(60)),
    ]
}
