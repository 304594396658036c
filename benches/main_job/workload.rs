//! A made-up country to measure with: plans and returns of any number of areas, the same bytes each time.
//!
//! Each area has 24 measures and their targets, 60 schemes by 6 partners, and 4 segments by 20
//! practices, all over 36 months: about 17,570 rows of returns, of which one in 600 is at fault.

use outturn::figures::period::Month;
use std::{fmt::Write, fs, io, path::Path};

const AS_AT: &str = "2025-12";

const PARTNERS: u64 = 6;
const POOLS: u64 = 4;
const SCHEMES: u64 = 60;
const PRACTICES: u64 = 20;
const SEGMENTS: u64 = 4;
const KPIS: u64 = 10;
const FAULT_IN: u64 = 600;

/// The month that the country is reported as at.
pub fn as_at() -> Month {
    Month::parse(AS_AT.as_bytes()).expect("it is a month")
}

/// Writes `plan/` and `returns/<area>/` under `folder`, and says how many rows the returns have.
pub fn write(folder: &Path, areas: usize) -> io::Result<usize> {
    write_plan(&folder.join("plan"), areas)?;
    let mut rows = 0;
    for area in 0..areas as u64 {
        let returns = folder.join("returns").join(code(area));
        fs::create_dir_all(&returns)?;
        let mut random = Random::of_area(area);
        let tables = [
            ("measures.csv", measures(area, &mut random)),
            ("targets.csv", targets(area, &mut random)),
            ("finance.csv", finance(area, &mut random)),
            ("capitation.csv", capitation(area, &mut random)),
        ];
        for (name, table) in tables {
            rows += table.lines().count() - 1;
            fs::write(returns.join(name), table)?;
        }
    }
    Ok(rows)
}

/// The code of an area, counted from 0.
fn code(area: u64) -> String {
    format!("E06{:06}", area + 1)
}

fn write_plan(folder: &Path, areas: usize) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    for (name, heading) in [
        ("areas", "area_code,area_name,icb_code,icb_name"),
        ("partners", "area_code,partner_id,org_code,partner_name,partner_type"),
        ("pools", "area_code,pool_id,pool_name"),
        ("schemes", "area_code,scheme_id,scheme_name,scheme_type,pool_id,host_partner_id"),
        ("bands", "area_code,agreement_id,side,band_no,upper_bp,partner_id,share_bp"),
        ("rates", "area_code,segment_id,fy,rate"),
        ("practices", "area_code,practice_code,practice_name"),
        ("kpis", "area_code,measure_id,weight_bp,rule,floor_bp"),
        ("contracts", "area_code,contract_id,commissioner_partner_id,provider_partner_id,incentive_bp"),
    ] {
        let mut table = format!("{heading}\n");
        for area in 0..areas as u64 {
            plan_rows(name, area, &mut table);
        }
        fs::write(folder.join(format!("{name}.csv")), table)?;
    }
    let mut table =
        "measure_id,measure_name,domain,unit,kind,multiplier,decimals,better,amber_bp\n".to_owned();
    for measure in &MEASURES {
        let Measure { id, unit, kind, multiplier, decimals, better, .. } = measure;
        row(
            &mut table,
            format_args!("{id},Measure {id},Outcomes,{unit},{kind},{multiplier},{decimals},{better},500"),
        );
    }
    fs::write(folder.join("measures.csv"), table)?;
    let segments = "segment_id,segment_name\nSEG1,Generally healthy\nSEG2,Long-term conditions\n\
                    SEG3,Frailty\nSEG4,End of life\n";
    fs::write(folder.join("segments.csv"), segments)?;
    let windows = "return_type,first_period,last_period\nmeasures,2023-01,2025-12\n\
                   targets,2023-04,2026-03\nfinance,2023-04,2026-03\ncapitation,2023-01,2025-12\n";
    fs::write(folder.join("windows.csv"), windows)
}

fn plan_rows(table: &str, area: u64, out: &mut String) {
    let code = code(area);
    match table {
        "areas" => row(out, format_args!("{code},Area {},Q{area:03},Board {area}", area + 1)),
        "partners" => {
            for partner in 1..=PARTNERS {
                let kind = ["ICB", "LA", "ACUTE", "COMM", "MH", "VCSE"][partner as usize - 1];
                let organisation = organisation(area, partner);
                row(
                    out,
                    format_args!("{code},P{partner},{organisation},Partner {partner} of area {area},{kind}"),
                );
            }
        }
        "pools" => (1..=POOLS).for_each(|pool| row(out, format_args!("{code},POOL{pool},Pool {pool}"))),
        "schemes" => {
            for scheme in 1..=SCHEMES {
                let (pool, host) = (scheme % POOLS + 1, scheme % 2 + 1);
                row(out, format_args!("{code},S{scheme:03},Scheme {scheme},Home care,POOL{pool},P{host}"));
            }
        }
        "bands" => {
            let agreements = (1..=POOLS).map(|pool| format!("POOL{pool}")).chain(["CAP1".to_owned()]);
            for agreement in agreements {
                for side in ["over", "under"] {
                    for (band, upper) in [(1, "200"), (2, "500"), (3, "")] {
                        row(
                            out,
                            format_args!("{code},{agreement},{side},{band},{upper},P1,{}", 4000 + 500 * band),
                        );
                        row(
                            out,
                            format_args!("{code},{agreement},{side},{band},{upper},P4,{}", 6000 - 500 * band),
                        );
                    }
                }
            }
        }
        "rates" => {
            for segment in 1..=SEGMENTS {
                for year in ["2022-23", "2023-24", "2024-25", "2025-26"] {
                    row(out, format_args!("{code},SEG{segment},{year},{}", money(rate(segment))));
                }
            }
        }
        "practices" => {
            for practice in 0..PRACTICES {
                row(out, format_args!("{code},{},Practice {practice}", practice_code(practice)));
            }
        }
        "kpis" => {
            for (measure, rule) in
                MEASURES.iter().zip(["linear,1000", "step,0"].into_iter().cycle()).take(KPIS as usize)
            {
                row(out, format_args!("{code},{},{},{rule}", measure.id, 10_000 / KPIS));
            }
        }
        "contracts" => row(out, format_args!("{code},CAP1,P1,P4,250")),
        other => unreachable!("{other} is not a table by area"),
    }
}

struct Measure {
    id: &'static str,
    unit: &'static str,
    kind: &'static str,
    multiplier: u64,
    decimals: u32,
    better: &'static str,
    numerator: u64,
    /// Nought where the kind needs none.
    denominator: u64,
}

const fn measure(
    id: &'static str,
    kind: Kind,
    better: &'static str,
    numerator: u64,
    denominator: u64,
) -> Measure {
    let (kind, unit, multiplier, decimals) = match kind {
        Kind::Rate => ("poprate", "per 100k", 100_000, 1),
        Kind::Percent => ("ratio", "%", 100, 1),
        Kind::Days => ("ratio", "days", 1, 2),
        Kind::Count => ("count", "people", 1, 0),
        Kind::Latest => ("latest", "people", 1, 0),
        Kind::Mean => ("mean", "score", 1, 1),
    };
    Measure { id, unit, kind, multiplier, decimals, better, numerator, denominator }
}

enum Kind {
    Rate,
    Percent,
    Days,
    Count,
    Latest,
    Mean,
}

const MEASURES: [Measure; 24] = [
    measure("BCF01", Kind::Rate, "lower", 1650, 88_000),
    measure("BCF02", Kind::Rate, "lower", 420, 310_000),
    measure("BCF03", Kind::Days, "lower", 2900, 3300),
    measure("BCF04", Kind::Percent, "higher", 2850, 3300),
    measure("BCF05", Kind::Days, "lower", 2880, 460),
    measure("BCF06", Kind::Rate, "lower", 42, 88_000),
    measure("BCF07", Kind::Percent, "higher", 172, 208),
    measure("BCF08", Kind::Percent, "higher", 3040, 3290),
    measure("BCF09", Kind::Rate, "lower", 160, 88_000),
    measure("FLW01", Kind::Count, "lower", 2900, 0),
    measure("FLW02", Kind::Latest, "lower", 118, 0),
    measure("FLW03", Kind::Count, "higher", 212, 0),
    measure("COM01", Kind::Percent, "higher", 1880, 1990),
    measure("COM02", Kind::Percent, "higher", 402, 505),
    measure("COM03", Kind::Percent, "higher", 2260, 2850),
    measure("COM04", Kind::Count, "higher", 148, 0),
    measure("COM05", Kind::Count, "higher", 31, 0),
    measure("COM06", Kind::Latest, "higher", 18_240, 0),
    measure("COM07", Kind::Latest, "lower", 64, 0),
    measure("OUT01", Kind::Mean, "higher", 58, 0),
    measure("OUT02", Kind::Percent, "higher", 1480, 2100),
    measure("OUT03", Kind::Percent, "higher", 905, 985),
    measure("OUT04", Kind::Count, "lower", 186, 0),
    measure("OUT05", Kind::Mean, "higher", 71, 0),
];

impl Measure {
    /// The measure's value in units of its last decimal place, rounded half up.
    fn value(&self, numerator: u64, denominator: u64) -> u64 {
        let scaled = numerator * self.multiplier * 10u64.pow(self.decimals);
        let denominator = denominator.max(1);
        (2 * scaled + denominator) / (2 * denominator)
    }
}

fn measures(area: u64, random: &mut Random) -> String {
    let mut table = "org_code,area_code,period,measure_id,numerator,denominator,value\n".to_owned();
    let code = code(area);
    for period in periods(2023, 1) {
        for (place, measure) in MEASURES.iter().enumerate() {
            let organisation = organisation(area, 1 + place as u64 % 2);
            let numerator = measure.numerator * random.between(900, 1100) / 1000;
            let value = decimal(measure.value(numerator, measure.denominator), measure.decimals);
            let Measure { id, denominator, .. } = measure;
            let denominator = if *denominator == 0 { String::new() } else { denominator.to_string() };
            let numerator = if random.is_fault() { "n/a".to_owned() } else { numerator.to_string() };
            row(
                &mut table,
                format_args!("{organisation},{code},{period},{id},{numerator},{denominator},{value}"),
            );
        }
    }
    table
}

fn targets(area: u64, random: &mut Random) -> String {
    let mut table = "area_code,period,measure_id,target\n".to_owned();
    let code = code(area);
    for period in periods(2023, 4) {
        for measure in &MEASURES {
            let target =
                measure.value(measure.numerator * random.between(950, 1050) / 1000, measure.denominator);
            let id = if random.is_fault() { "BCF99" } else { measure.id };
            row(&mut table, format_args!("{code},{period},{id},{}", decimal(target, measure.decimals)));
        }
    }
    table
}

fn finance(area: u64, random: &mut Random) -> String {
    let mut table = "org_code,area_code,period,scheme_id,partner_id,budget,actual,forecast\n".to_owned();
    let code = code(area);
    for period in periods(2023, 4) {
        for scheme in 1..=SCHEMES {
            for partner in 1..=PARTNERS {
                let organisation = organisation(area, partner);
                let budget = random.between(0, 6_000_000);
                let actual = budget * random.between(950, 1060) / 1000;
                let forecast = money(budget * random.between(980, 1030) / 1000);
                let actual = if period.as_str() <= AS_AT { money(actual) } else { String::new() };
                let budget = if random.is_fault() { "1.5".to_owned() } else { money(budget) };
                row(
                    &mut table,
                    format_args!(
                        "{organisation},{code},{period},S{scheme:03},P{partner},{budget},{actual},{forecast}"
                    ),
                );
            }
        }
    }
    table
}

fn capitation(area: u64, random: &mut Random) -> String {
    let mut table = "org_code,area_code,period,segment_id,practice_code,members,rate,cost\n".to_owned();
    let (code, organisation) = (code(area), organisation(area, 4));
    for period in periods(2023, 1) {
        for segment in 1..=SEGMENTS {
            for practice in 0..PRACTICES {
                let practice = practice_code(practice);
                let members = random.between(3000, 12_000) / segment;
                let cost = money(members * rate(segment) * random.between(900, 1100) / 1000);
                let members = if random.is_fault() { "n/a".to_owned() } else { members.to_string() };
                let rate = money(rate(segment));
                row(
                    &mut table,
                    format_args!(
                        "{organisation},{code},{period},SEG{segment},{practice},{members},{rate},{cost}"
                    ),
                );
            }
        }
    }
    table
}

/// The 36 months from one on.
fn periods(year: u64, month: u64) -> impl Iterator<Item = String> {
    let first = year * 12 + month - 1;
    (first..first + 36).map(|month| format!("{:04}-{:02}", month / 12, month % 12 + 1))
}

fn organisation(area: u64, partner: u64) -> String {
    format!("R{partner}{area:04}")
}

fn practice_code(practice: u64) -> String {
    format!("A{:05}", 81_000 + 7 * practice)
}

/// Pence for each member each month.
fn rate(segment: u64) -> u64 {
    [1480, 4260, 16_850, 51_275][segment as usize - 1]
}

fn money(pence: u64) -> String {
    decimal(pence, 2)
}

fn decimal(units: u64, decimals: u32) -> String {
    let whole = 10u64.pow(decimals);
    match decimals as usize {
        0 => units.to_string(),
        places => format!("{}.{:0places$}", units / whole, units % whole),
    }
}

fn row(table: &mut String, fields: std::fmt::Arguments<'_>) {
    writeln!(table, "{fields}").expect("writing to memory does not fail");
}

/// SplitMix64, seeded by the area.
///
/// Source: Steele, Lea and Flood, "Fast splittable pseudorandom number generators", 2014.
struct Random(u64);

impl Random {
    fn of_area(area: u64) -> Random {
        Random(area.wrapping_mul(0xd134_2543_de82_ef95))
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number from `low` to `high` inclusive.
    fn between(&mut self, low: u64, high: u64) -> u64 {
        low + self.next() % (high - low + 1)
    }

    fn is_fault(&mut self) -> bool {
        self.next().is_multiple_of(FAULT_IN)
    }
}
