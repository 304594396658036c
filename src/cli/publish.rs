//! `outturn publish`: packs from what the store holds, without taking anything in.

use super::{
    Database, Failure, month, own_templates, progress,
    run::{self, Reporting},
};
use crate::{
    clock,
    figures::period::Month,
    month_end::{self, MonthEnd},
    packs::freeze::Formats,
    store::Intake,
};
use clap::Args;
use std::path::PathBuf;

/// Compute and publish packs from the plan and the returns that were submitted before
///
/// Example: outturn publish --as-at 2025-12 --out packs
#[derive(Args)]
pub struct Publish {
    /// The reporting month
    #[arg(long, value_name = "YYYY-MM", value_parser = month)]
    as_at: Month,
    /// Packs are written to a folder for each area under this one
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// Only this area; may be given several times
    #[arg(long, value_name = "CODE")]
    area: Vec<String>,
    /// What each pack holds
    #[arg(long, value_name = "LIST", default_value = "html,pdf,csv,json", value_parser = run::formats)]
    formats: Formats,
    /// Templates in this folder replace the built-in ones of the same name
    #[arg(long, value_name = "DIR")]
    templates: Option<PathBuf>,
    #[command(flatten)]
    despite: run::DespiteLock,
    /// Print what was done as JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    database: Database,
}

impl Publish {
    pub fn run(self) -> Result<(), Failure> {
        let database = self.database.url()?;
        let templates = own_templates(self.templates.as_ref())?;
        let stored = super::stored_plan(&mut self.database.open_existing()?)?;
        let plan = run::of_areas(stored.plan, &self.area)?;
        let outcomes = month_end::run(
            MonthEnd {
                database: &database,
                plan: &plan,
                plan_files: &stored.files,
                returns: Vec::new(),
                as_at: self.as_at,
                intake: Intake::Whole,
                formats: self.formats,
                templates: &templates,
                out: Some(&self.out),
                now: clock::now(),
                workers: run::processors(),
                despite_lock: self.despite.reason(),
            },
            &progress::show,
        )?;
        run::report(&outcomes, &Reporting { database: &database, as_at: self.as_at, json: self.json })
    }
}
