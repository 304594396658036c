//! The tables of answers, and how a worked case is asked and compared.

use serde_json::Value;
use std::{collections::HashMap, env, path::PathBuf};

/// One row of a table, by heading.
pub type Row = HashMap<String, String>;

/// A file of the sibling folder, or none, saying so, where it is not there.
pub fn shared(file: &str) -> Option<PathBuf> {
    let folder = env::var_os("OUTTURN_SHARED")
        .map_or_else(|| PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../shared")), PathBuf::from);
    let path = folder.join(file);
    if path.exists() {
        Some(path)
    } else {
        println!("skipped: ../shared/{file} is not here");
        None
    }
}

/// The rows of a table.
pub fn table(file: &str) -> Option<Vec<Row>> {
    let mut reader = csv::Reader::from_path(shared(file)?).unwrap();
    Some(reader.deserialize().map(|row| row.unwrap()).collect())
}

/// Rows by the series, or case, that they belong to, in their order.
pub fn grouped(rows: Vec<Row>, by: &str) -> HashMap<String, Vec<Row>> {
    let mut groups: HashMap<String, Vec<Row>> = HashMap::new();
    for row in rows {
        groups.entry(row[by].clone()).or_default().push(row);
    }
    groups
}

/// Asks `outturn calc` each line and gives the answers, in order.
pub fn calc(lines: &[String]) -> Vec<Value> {
    let mut answers = Vec::new();
    outturn::cli::calc::run(lines.join("\n").as_bytes(), &mut answers).unwrap();
    String::from_utf8(answers).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// What a folder of cases came to.
#[derive(Default)]
pub struct Tally {
    pub cases: usize,
    pub labels: usize,
    pub labels_apart: Vec<String>,
    pub numbers: usize,
    pub largest_error: f64,
    /// Numbers that are missing on one side only.
    pub missing_apart: Vec<String>,
}

impl Tally {
    pub fn label(&mut self, at: &str, ours: &Value, theirs: &str) {
        self.labels += 1;
        // An empty cell is a label that is not there.
        if ours.as_str().unwrap_or("") != theirs {
            self.labels_apart.push(format!("{at}: {ours}, not {theirs}"));
        }
    }

    /// Compares numbers relative to the larger, or to `scale` where that is larger still.
    pub fn number(&mut self, at: &str, ours: &Value, theirs: &str, scale: f64) {
        self.numbers += 1;
        let theirs = theirs.parse::<f64>().ok().filter(|number| number.is_finite());
        match (ours.as_f64(), theirs) {
            (Some(ours), Some(theirs)) if ours != theirs => {
                let error = (ours - theirs).abs() / ours.abs().max(theirs.abs()).max(scale);
                self.largest_error = self.largest_error.max(error);
            }
            (Some(_), Some(_)) | (None, None) => {}
            (ours, theirs) => self.missing_apart.push(format!("{at}: {ours:?}, not {theirs:?}")),
        }
    }

    pub fn report(&self, name: &str) {
        println!(
            "{name}: {} cases, {} of {} labels exact, {} numbers with a largest relative error of {:.1e}, {} missing on one side",
            self.cases,
            self.labels - self.labels_apart.len(),
            self.labels,
            self.numbers,
            self.largest_error,
            self.missing_apart.len(),
        );
    }
}
