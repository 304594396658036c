//! `outturn user`: people, for whoever has the store itself in hand.

use super::{Database, Failure, post};
use crate::{
    clock::Clock,
    packs::template::Templates,
    people::{Role, RoleHeld},
    service::{Asking, Refusal, Service, people::By},
};
use clap::{Args, Subcommand};
use std::path::PathBuf;

/// People: who may sign in, and what they may be
#[derive(Subcommand)]
pub enum UserCommand {
    Add(Add),
    List(List),
    Link(Link),
    Roles(Roles),
    Disable(Disable),
    Enable(Enable),
}

/// Add a person and print the link by which they choose a password
///
/// Example: outturn user add ann@example.org --name "Ann Field" --role partner-officer@E10000002/BCC
#[derive(Args)]
pub struct Add {
    /// What they sign in with
    email: String,
    /// What they are called
    #[arg(long)]
    name: String,
    #[command(flatten)]
    roles: HeldRoles,
    #[command(flatten)]
    at: At,
    #[command(flatten)]
    database: Database,
}

/// List everybody, with their roles
///
/// Example: outturn user list
#[derive(Args)]
pub struct List {
    /// Print the list as JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    database: Database,
}

/// Print a link by which a person chooses a password, a first one or a new one
///
/// It works once, within 7 days. Earlier links of the person work no more.
///
/// Example: outturn user link ann@example.org
#[derive(Args)]
pub struct Link {
    /// Whose link it is
    email: String,
    #[command(flatten)]
    at: At,
    #[command(flatten)]
    database: Database,
}

/// Give a person exactly these roles
///
/// Example: outturn user roles ann@example.org --role auditor --role board-member@E10000002
#[derive(Args)]
pub struct Roles {
    /// Whose roles they are
    email: String,
    #[command(flatten)]
    roles: HeldRoles,
    /// Take every role away
    #[arg(long, conflicts_with = "held")]
    none: bool,
    #[command(flatten)]
    database: Database,
}

/// Let a person sign in no more; sessions and tokens are ended at once
///
/// Example: outturn user disable ann@example.org
#[derive(Args)]
pub struct Disable {
    email: String,
    #[command(flatten)]
    database: Database,
}

/// Let a person sign in again
///
/// Example: outturn user enable ann@example.org
#[derive(Args)]
pub struct Enable {
    email: String,
    #[command(flatten)]
    database: Database,
}

#[derive(Args)]
struct HeldRoles {
    /// ROLE, ROLE@AREA or, for partner officers and approvers, ROLE@AREA/PARTNER; again and again for more
    #[arg(long = "role", value_name = "ROLE", value_parser = role)]
    held: Vec<RoleHeld>,
}

#[derive(Args)]
struct At {
    /// Where people reach the service; as the settings say unless given
    #[arg(long, value_name = "ADDRESS")]
    at: Option<String>,
    /// A TOML file of settings, to tell where people reach the service
    #[arg(long, value_name = "FILE", env = "OUTTURN_CONFIG")]
    config: Option<PathBuf>,
}

impl UserCommand {
    pub fn run(self) -> Result<(), Failure> {
        match self {
            UserCommand::Add(Add { email, name, roles, at, database }) => {
                let (service, asking) = open(&database)?;
                let place = at.place()?;
                let invited = service.invite(By::Operator, &asking, &email, &name, &roles.held)?;
                println!("{place}{}", invited.link);
                Ok(())
            }
            UserCommand::List(list) => list.run(),
            UserCommand::Link(Link { email, at, database }) => {
                let (service, asking) = open(&database)?;
                let place = at.place()?;
                let person = service.person_by_email(By::Operator, &email)?;
                println!("{place}{}", service.make_link(By::Operator, &asking, person.id)?);
                Ok(())
            }
            UserCommand::Roles(Roles { roles, none: false, .. }) if roles.held.is_empty() => {
                Err(Failure::Usage(
                    "Name every role that the person is to have with --role, or take them all away with --none"
                        .to_owned(),
                ))
            }
            UserCommand::Roles(Roles { email, roles, database, .. }) => {
                let (service, asking) = open(&database)?;
                let person = service.person_by_email(By::Operator, &email)?;
                Ok(service.set_roles(By::Operator, &asking, person.id, roles.held)?)
            }
            UserCommand::Disable(Disable { email, database }) => {
                let (service, asking) = open(&database)?;
                let person = service.person_by_email(By::Operator, &email)?;
                Ok(service.disable(By::Operator, &asking, person.id)?)
            }
            UserCommand::Enable(Enable { email, database }) => {
                let (service, asking) = open(&database)?;
                let person = service.person_by_email(By::Operator, &email)?;
                Ok(service.enable(By::Operator, &asking, person.id)?)
            }
        }
    }
}

impl List {
    fn run(self) -> Result<(), Failure> {
        let service = open_to_read(&self.database)?;
        for listed in service.people(By::Operator)? {
            let person = listed.person;
            let roles: Vec<String> = person.roles.iter().map(ToString::to_string).collect();
            if self.json {
                let line = serde_json::json!({
                    "email": person.email,
                    "name": person.name,
                    "state": person.state.name(),
                    "roles": roles,
                });
                println!("{line}");
            } else {
                let (email, state) = (&person.email, person.state.name());
                println!("{email}\t{}\t{state}\t{}", person.name, roles.join("; "));
            }
        }
        Ok(())
    }
}

impl At {
    /// Where links lead.
    fn place(self) -> Result<String, Failure> {
        match self.at {
            Some(at) => Ok(at.trim_end_matches('/').to_owned()),
            None => Ok(post::settings(self.config.as_deref())?.reached_at()),
        }
    }
}

fn role(text: &str) -> Result<RoleHeld, String> {
    RoleHeld::parse(text).ok_or_else(|| {
        let names = Role::ALL.map(|role| role.name().replace(' ', "-")).join(", ");
        format!(
            "write a role ({names}), with its area where it has one, like board-member@E10000002, and with its \
             partner, like partner-officer@E10000002/BCC"
        )
    })
}

/// The service on a database that is there, to read from.
pub(super) fn open_to_read(database: &Database) -> Result<Service, Failure> {
    drop(database.open_to_read()?);
    Ok(Service::open(&database.url()?, Clock::default(), Templates::built_in(), false)?)
}

/// The service on a database that is there, and what its record says of whoever asks.
pub(super) fn open(database: &Database) -> Result<(Service, Asking), Failure> {
    drop(database.open_existing()?);
    let service = Service::open(&database.url()?, Clock::default(), Templates::built_in(), false)?;
    let asking = operator(&service.clock);
    Ok((service, asking))
}

/// How the operator's deeds are recorded.
pub(super) fn operator(clock: &Clock) -> Asking {
    Asking { now: clock.now(), request_id: String::new(), address: "the command line".to_owned() }
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Failure {
        match refusal {
            Refusal::Failed(error) => error.into(),
            Refusal::Broken(what) => Failure::Failed(what),
            Refusal::Absent => {
                Failure::Refused(vec!["Nobody has this email address: outturn user list".into()])
            }
            Refusal::Invalid(faults) => {
                Failure::Refused(faults.into_iter().map(|fault| fault.message).collect())
            }
            Refusal::NotSignedIn
            | Refusal::NotConfirmed
            | Refusal::NotAllowed(_)
            | Refusal::Conflict(_)
            | Refusal::Locked(_)
            | Refusal::TooMany { .. }
            | Refusal::SentEnough { .. }
            | Refusal::BadRequest { .. } => Failure::Refused(vec![refusal.to_string()]),
        }
    }
}
