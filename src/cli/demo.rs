//! `outturn demo`: the main job on the built-in example, from nothing to a published pack.

use super::{
    Failure, progress,
    run::{self, Reporting},
    unwritable,
};
use crate::{
    clock::Clock,
    config::{Secret, Settings},
    demo,
    figures::period::Month,
    month_end::{self, MonthEnd},
    packs::{freeze::Formats, template::Templates},
    people::PersonState,
    service::{Asking, Refusal, Service, Who, returns::NewReturn},
    store::{DatabaseUrl, Deed, Intake, NewPerson, ReturnWay, Store},
};
use clap::Args;
use std::{fs, net::SocketAddr, path::PathBuf};

/// Publish the pack of the built-in example, Buckinghamshire as at November 2015
///
/// The example's plan and returns are written out as well, so that they can be changed and run again.
///
/// Example: outturn demo --out demo
#[derive(Args)]
pub struct Demo {
    /// Where the example and its pack are written
    #[arg(long, value_name = "DIR", default_value = "outturn-demo")]
    out: PathBuf,
    /// Then serve it: a person of each role can be tried
    #[arg(long)]
    serve: bool,
    /// Where to listen
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8080", requires = "serve")]
    listen: SocketAddr,
}

impl Demo {
    pub fn run(self) -> Result<(), Failure> {
        let (plan_folder, returns_folder) = (self.out.join("plan"), self.out.join("returns"));
        fs::create_dir_all(&plan_folder).map_err(unwritable(&plan_folder))?;
        for (name, bytes) in demo::plan_files() {
            let path = plan_folder.join(name);
            fs::write(&path, bytes).map_err(unwritable(&path))?;
        }
        for (area_code, name, bytes) in demo::return_files() {
            let folder = returns_folder.join(area_code);
            fs::create_dir_all(&folder).map_err(unwritable(&folder))?;
            let path = folder.join(name);
            fs::write(&path, bytes).map_err(unwritable(&path))?;
        }
        let (plan, plan_files) = super::read_plan(&plan_folder)?;
        let (returns, _) = month_end::gather_returns(&returns_folder, &plan)?;
        let path = self.out.join("outturn.db");
        let database = DatabaseUrl::parse(&format!("sqlite:{}", path.display()))
            .map_err(|error| Failure::Failed(error.to_string()))?;
        let as_at = Month::parse(demo::AS_AT.as_bytes()).expect("the example's month is a month");
        let outcomes = month_end::run(
            MonthEnd {
                database: &database,
                plan: &plan,
                plan_files: &plan_files,
                returns,
                as_at,
                intake: Intake::Whole,
                formats: Formats::ALL,
                templates: &Templates::built_in(),
                out: Some(&self.out),
                now: demo::now(),
                workers: run::processors(),
                // Somebody who tried the example may have locked its month.
                despite_lock: Some("the example is published again"),
            },
            &progress::show,
        )?;
        run::report(&outcomes, &Reporting { database: &database, as_at, json: false })?;
        for outcome in &outcomes {
            let folder = self.out.join(&outcome.area_code);
            println!("\nThe pack is in {}:", folder.display());
            println!("  {}   to read in a browser", folder.join("pack.html").display());
            println!("  {}    to print or to read on a tablet", folder.join("pack.pdf").display());
            println!(
                "  {}        every table as CSV, and what its columns mean",
                folder.join("data").display()
            );
        }
        if self.serve {
            return self.serve(&database);
        }
        println!("\nChange a table under {} and run it again:", self.out.display());
        println!(
            "  outturn run --plan {} --returns {} --as-at {} --out {} --database sqlite:{}",
            plan_folder.display(),
            returns_folder.display(),
            demo::AS_AT,
            self.out.display(),
            path.display()
        );
        Ok(())
    }

    /// Opens the example to whoever comes, on a clock that starts in its own time.
    fn serve(&self, database: &DatabaseUrl) -> Result<(), Failure> {
        let clock = Clock::starting_at(demo::now());
        let mut store = Store::open(database)?;
        for (email, name, roles) in demo::people() {
            let new =
                NewPerson { email, name, state: PersonState::Active, roles: &roles, created_at: clock.now() };
            let deed =
                Deed { at: clock.now(), deed: "person added", detail: "example".into(), ..Deed::default() };
            store.add_person(&new, &deed)?;
        }
        send_example(&mut store, database)?;
        let settings = Settings {
            listen: self.listen,
            management_listen: None,
            database_url: Secret::new(format!("sqlite:{}", self.out.join("outturn.db").display())),
            log: "warn".to_owned(),
            // It is there to be tried out, by programs as well.
            token_requests_a_minute: 1 << 30,
            files_a_day: 1 << 30,
            file_bytes_a_day: 1 << 40,
            ..Settings::default()
        };
        super::serve::start(&settings, clock, true)
    }
}

/// Sends the return that waits when the example is opened; once, however often it is opened.
fn send_example(store: &mut Store, database: &DatabaseUrl) -> Result<(), Failure> {
    let (email, file_name, bytes, comment) = demo::sent_return();
    let Some(person) = store.person_by_email(email)? else { return Ok(()) };
    let service = Service::open(database, Clock::starting_at(demo::now()), Templates::built_in(), true)?;
    let asking = Asking { now: demo::now(), request_id: "example".to_owned(), address: String::new() };
    let new = NewReturn {
        area_code: demo::AREA,
        month: Month::parse(demo::AS_AT.as_bytes()).expect("the example's month is a month"),
        on_behalf_of: "",
        file_name,
        bytes,
        way: ReturnWay::File,
        comment,
    };
    let sent = service.send_return(&Who { person, session: None }, &asking, &new);
    match sent {
        // Somebody who tries the example may have locked its month.
        Ok(_) | Err(Refusal::Locked(_)) => Ok(()),
        Err(refusal) => Err(Failure::Failed(refusal.to_string())),
    }
}
