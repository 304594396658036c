//! What the store promises, tried on SQLite always and on PostgreSQL where `OUTTURN_TEST_POSTGRES`
//! names a server on which databases may be made.

mod accepting;
mod breaking;
mod connecting;
mod keeping;

use super::{
    Accepted, DatabaseUrl, Deed, FactsInForce, Intake, NewSubmission, RowFault, Store, StoredBytes,
    SubmissionFacts, sha256,
};
use crate::figures::{agreement::*, facts::*, money::Pence, period::*};
use chrono::{NaiveDate, NaiveDateTime};
use diesel::{Connection, PgConnection, connection::SimpleConnection};
use std::sync::atomic::{AtomicU32, Ordering};

/// Runs the same test on a new, empty database of each kind.
fn on_each_database(test: impl Fn(&DatabaseUrl)) {
    let folder = tempfile::tempdir().unwrap();
    test(&DatabaseUrl::Sqlite(folder.path().join("outturn.db")));
    match std::env::var("OUTTURN_TEST_POSTGRES") {
        Ok(server) => {
            let database = ServerDatabase::create(&server);
            test(&database.url);
        }
        Err(_) => eprintln!("skipped on PostgreSQL: OUTTURN_TEST_POSTGRES is not set"),
    }
}

/// A database of its own on the server, dropped with the value.
struct ServerDatabase {
    server: String,
    name: String,
    url: DatabaseUrl,
}

impl ServerDatabase {
    fn create(server: &str) -> ServerDatabase {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let name = format!("outturn_test_{}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let mut connection = PgConnection::establish(server).unwrap();
        connection.batch_execute(&format!("CREATE DATABASE {name}")).unwrap();
        let (place, parameters) = server.split_once('?').unwrap_or((server, ""));
        let (place, _) = place.rsplit_once('/').unwrap();
        let url = DatabaseUrl::parse(&format!("{place}/{name}?{parameters}")).unwrap();
        ServerDatabase { server: server.to_owned(), name, url }
    }
}

impl Drop for ServerDatabase {
    fn drop(&mut self) {
        let mut connection = PgConnection::establish(&self.server).unwrap();
        connection.batch_execute(&format!("DROP DATABASE {} WITH (FORCE)", self.name)).unwrap();
    }
}

/// The facts in force, which are the same whether rows are read or what was packed of them.
fn in_force(store: &mut Store, plan: &AreaPlan) -> FactsInForce {
    let facts = store.facts_in_force(plan, None).unwrap();
    assert_eq!(store.packed_facts_in_force(plan).unwrap(), facts);
    facts
}

fn month(text: &str) -> Month {
    Month::parse(text.as_bytes()).unwrap()
}

/// `day` of January 2026, at noon.
pub(super) fn january(day: u32) -> NaiveDateTime {
    NaiveDate::from_ymd_opt(2026, 1, day).unwrap().and_hms_opt(12, 0, 0).unwrap()
}

/// An agreement of two measures, partners, schemes, segments and practices.
fn plan(area_code: &str) -> AreaPlan {
    let window = MonthRange::new(month("2023-04"), month("2026-03")).unwrap();
    let partner =
        |id: &str| Partner { id: id.into(), org_code: format!("Q{id}"), name: id.into(), kind: "ICB".into() };
    let measure = |id: &str| Measure {
        id: id.into(),
        name: id.into(),
        domain: String::new(),
        unit: String::new(),
        kind: MeasureKind::Count,
        multiplier: 1,
        decimals: 1,
        better: Better::Lower,
        amber_bp: 500,
        definition: String::new(),
        reported: Reported::Monthly,
    };
    let scheme = |id: &str| Scheme { id: id.into(), name: id.into(), kind: String::new(), pool: 0, host: 0 };
    let segment = |id: &str| Segment { id: id.into(), name: id.into() };
    let practice = |code: &str| Practice { code: code.into(), name: code.into() };
    AreaPlan {
        area: Area {
            code: area_code.into(),
            name: "Ashdown".into(),
            icb_code: String::new(),
            icb_name: String::new(),
            board_name: String::new(),
            standing_note: String::new(),
        },
        windows: Windows { measures: window, targets: window, finance: window, capitation: window },
        partners: vec![partner("P1"), partner("P2")],
        measures: vec![measure("BCF01"), measure("BCF02")],
        pools: vec![Pool { id: "POOL1".into(), name: "Pool".into() }],
        schemes: vec![scheme("S001"), scheme("S002")],
        risk_shares: vec![],
        segments: vec![segment("SEG1"), segment("SEG2")],
        rates: Default::default(),
        practices: vec![practice("A81000"), practice("A81007")],
        contract: None,
        kpis: vec![],
        targets: vec![],
        paper: BoardPaper::default(),
        returns_due: vec![],
    }
}

fn line(row: u32, in_month: &str, scheme: u16, partner: u16, budget: i64) -> FinanceLine {
    FinanceLine {
        source: Source { submission: 0, row },
        month: month(in_month),
        scheme,
        partner,
        budget: Pence(budget),
        actual: (budget % 2 == 0).then_some(Pence(-budget)),
        forecast: Pence(budget + 1),
    }
}

/// Finance lines as read back: they carry the number of their submission.
fn under(submission: u32, lines: &[FinanceLine]) -> Vec<FinanceLine> {
    let with_number =
        |line: &FinanceLine| FinanceLine { source: Source { submission, ..line.source }, ..*line };
    lines.iter().map(with_number).collect()
}

/// A return to be sent; what it does not say is the same for all.
struct Return<'a> {
    plan: &'a AreaPlan,
    content: &'a [u8],
    received_at: NaiveDateTime,
    replaces: Option<u32>,
    counts: IntakeCounts,
    faults: &'a [RowFault<'a>],
    facts: SubmissionFacts<'a>,
}

impl<'a> Return<'a> {
    fn finance(plan: &'a AreaPlan, content: &'a [u8], lines: &'a [FinanceLine]) -> Return<'a> {
        Return::of(plan, content, lines.len(), SubmissionFacts::Finance(lines))
    }

    fn of(plan: &'a AreaPlan, content: &'a [u8], facts: usize, rows: SubmissionFacts<'a>) -> Return<'a> {
        let accepted = facts as u32;
        let counts = IntakeCounts { rows: accepted, accepted, ..Default::default() };
        Return { plan, content, received_at: january(1), replaces: None, counts, faults: &[], facts: rows }
    }
}

fn send(store: &mut Store, returns: &[Return<'_>]) -> Result<Vec<Accepted>, super::StoreError> {
    let bytes: Vec<StoredBytes> = returns.iter().map(|sent| StoredBytes::compress(sent.content)).collect();
    let batch: Vec<NewSubmission<'_>> = returns
        .iter()
        .zip(&bytes)
        .map(|(sent, bytes)| NewSubmission {
            plan: sent.plan,
            file_name: "return.csv",
            sha256: sha256(sent.content),
            bytes,
            received_at: sent.received_at,
            sent_by: None,
            intake: Intake::Tolerant,
            replaces: sent.replaces,
            counts: &sent.counts,
            faults: sent.faults,
            facts: sent.facts,
        })
        .collect();
    store.accept(&batch, &Deed::default())
}

fn new(number: u32) -> Accepted {
    Accepted { number, already_held: false }
}

fn held(number: u32) -> Accepted {
    Accepted { number, already_held: true }
}
