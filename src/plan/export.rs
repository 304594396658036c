//! A plan as CSV tables again, whatever it was sent as.

use super::{PlanFile, findings::Findings, forms::TABLES, tables::table_name};
use crate::returns::{
    fault::Fault,
    read::{self, SentTable},
};

/// Writes each table of the plan as a CSV file named after it, in reading order, every column and
/// cell as it was sent. Fails, file by file, where a file cannot be read.
pub fn export(files: &[PlanFile]) -> Result<Vec<PlanFile>, Vec<Fault>> {
    let mut findings = Findings::default();
    let mut tables: Vec<(usize, PlanFile)> = Vec::new();
    for file in files {
        match read::open(&file.name, &file.bytes) {
            Err(error) => findings.at_row(&file.name, 0, "FILE", error.to_string()),
            Ok(sent_file) => tables.extend(sent_file.tables.iter().filter_map(|table| {
                let name = table_name(&file.name, table);
                let place = TABLES.iter().position(|form| form.name == name)?;
                Some((place, PlanFile { name: format!("{name}.csv"), bytes: csv_bytes(table) }))
            })),
        }
    }
    tables.sort_by_key(|(place, _)| *place);
    let (faults, _) = findings.into_parts();
    match faults.is_empty() {
        true => Ok(tables.into_iter().map(|(_, file)| file).collect()),
        false => Err(faults),
    }
}

fn csv_bytes(table: &SentTable<'_>) -> Vec<u8> {
    let mut writer = csv::WriterBuilder::new().flexible(true).from_writer(Vec::new());
    let written = "writing to memory does not fail";
    writer.write_record(&table.heading).expect(written);
    table.for_each_row(|_, record| writer.write_byte_record(record).expect(written));
    writer.into_inner().expect(written)
}
