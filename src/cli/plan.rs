//! `outturn plan`: check, load, export; and the catalogue of national measures.

use super::{Database, Failure, plural, read_plan, unwritable};
use crate::{
    clock, month_end, plan,
    store::{Deed, hex},
};
use clap::{Args, Subcommand};
use serde_json::json;
use std::{fs, path::PathBuf};

/// What the partners agreed
#[derive(Subcommand)]
pub enum PlanCommand {
    Check(Check),
    Load(Load),
    Export(Export),
    Catalogue(Catalogue),
}

/// Check a plan as a whole; nothing is stored
///
/// Example: outturn plan check plan.xlsx
#[derive(Args)]
pub struct Check {
    /// A folder of CSV tables, or one XLSX workbook
    plan: PathBuf,
    /// Print what was found as JSON
    #[arg(long)]
    json: bool,
}

/// Check a plan and keep it as an edition
///
/// Example: outturn plan load plan --database sqlite:outturn.db
#[derive(Args)]
pub struct Load {
    /// A folder of CSV tables, or one XLSX workbook
    plan: PathBuf,
    #[command(flatten)]
    database: Database,
}

/// Write the current edition's tables as CSV
///
/// Example: outturn plan export --out plan
#[derive(Args)]
pub struct Export {
    /// The folder to write them to
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    #[command(flatten)]
    database: Database,
}

/// List the national Better Care Fund measures that a plan can name
///
/// Example: outturn plan catalogue
#[derive(Args)]
pub struct Catalogue {
    /// Print the list as JSON
    #[arg(long)]
    json: bool,
}

impl PlanCommand {
    pub fn run(self) -> Result<(), Failure> {
        match self {
            PlanCommand::Check(command) => command.run(),
            PlanCommand::Load(command) => command.run(),
            PlanCommand::Export(command) => command.run(),
            PlanCommand::Catalogue(command) => command.run(),
        }
    }
}

impl Check {
    fn run(self) -> Result<(), Failure> {
        let (plan, _) = read_plan(&self.plan)?;
        if self.json {
            let areas: Vec<_> = plan
                .areas
                .iter()
                .map(|area| json!({ "area_code": area.area.code, "measures": area.measures.len(), "schemes": area.schemes.len() }))
                .collect();
            let notes: Vec<String> = plan.notes.iter().map(ToString::to_string).collect();
            println!("{}", json!({ "areas": areas, "notes": notes }));
        } else {
            println!(
                "The plan is sound: {}, {}.",
                plural(plan.areas.len(), "area"),
                plural(plan.notes.len(), "note")
            );
        }
        Ok(())
    }
}

impl Load {
    fn run(self) -> Result<(), Failure> {
        let (_, files) = read_plan(&self.plan)?;
        let files: Vec<(String, Vec<u8>)> = files.into_iter().map(|file| (file.name, file.bytes)).collect();
        let detail = month_end::ON_THE_COMMAND_LINE.to_owned();
        let deed = Deed { at: clock::now(), deed: "plan loaded", detail, ..Deed::default() };
        let kept = self.database.open_or_make()?.keep_plan(&files, &deed)?;
        let held = if kept.already_held { " (already held)" } else { "" };
        println!("Edition {}{held}, SHA-256 {}", kept.edition.number, hex(&kept.edition.sha256));
        Ok(())
    }
}

impl Export {
    fn run(self) -> Result<(), Failure> {
        let Some((edition, files)) = self.database.open_to_read()?.current_plan()? else {
            return Err(Failure::Refused(vec!["No plan has been loaded.".to_owned()]));
        };
        let files: Vec<plan::PlanFile> =
            files.into_iter().map(|(name, bytes)| plan::PlanFile { name, bytes }).collect();
        let tables =
            plan::export(&files).map_err(|faults| Failure::Refused(crate::returns::fault::told(&faults)))?;
        fs::create_dir_all(&self.out).map_err(unwritable(&self.out))?;
        for table in &tables {
            let path = self.out.join(&table.name);
            fs::write(&path, &table.bytes).map_err(unwritable(&path))?;
        }
        println!(
            "Edition {}: {} written to {}",
            edition.number,
            plural(tables.len(), "table"),
            self.out.display()
        );
        Ok(())
    }
}

impl Catalogue {
    fn run(self) -> Result<(), Failure> {
        let measures = plan::catalogue::catalogue();
        if self.json {
            let list: Vec<_> = measures
                .iter()
                .map(|measure| json!({ "measure_id": measure.id, "measure_name": measure.name, "definition": measure.definition }))
                .collect();
            println!("{}", json!(list));
        } else {
            for measure in measures {
                println!("{:<20} {}", measure.id, measure.name);
            }
        }
        Ok(())
    }
}
