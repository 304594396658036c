//! Bytes to tables.

pub struct SentFile {
    pub tables: Vec<SentTable>,
}

pub struct SentTable {
    pub sheet: Option<String>,
    pub heading: Vec<String>,
    rows: Vec<(u32, csv::ByteRecord)>,
}

impl SentTable {
    pub fn for_each_row(&self, mut each: impl FnMut(u32, &csv::ByteRecord)) {
        for (number, record) in &self.rows {
            each(*number, record);
        }
    }
}

pub fn open(_file_name: &str, bytes: &[u8]) -> Result<SentFile, csv::Error> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(bytes);
    let heading = reader.headers()?.iter().map(str::to_owned).collect();
    let mut rows = Vec::new();
    for record in reader.byte_records() {
        let record = record?;
        rows.push((record.position().map_or(0, |position| position.line() as u32), record));
    }
    Ok(SentFile { tables: vec![SentTable { sheet: None, heading, rows }] })
}
