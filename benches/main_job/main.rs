//! What the main job costs, beside the least that it could cost, in one run on one machine.
//!
//! `cargo bench` runs every part; `cargo bench -- intake packs` runs those named. Options: `--areas N`
//! (12) for the parts that take one country, `--rounds N` (5) for the runs of which the median is
//! told, `--large` for the intake of 1,500 areas. On PostgreSQL the intake runs where
//! `OUTTURN_TEST_POSTGRES` holds the address of a server on which databases may be made.
//!
//! Times on a machine that does other work mean little by themselves: compare ratios, and processor
//! seconds before seconds on the clock.

mod bare;
mod country;
mod growth;
mod intake;
mod measure;
mod packs;
mod workload;

use std::process::ExitCode;

/// One part of the bench.
type Part = fn(&Asked);

/// What is asked for on the command line.
pub struct Asked {
    parts: Vec<String>,
    areas: usize,
    rounds: usize,
    large: bool,
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    if let [command, rest @ ..] = arguments.as_slice()
        && command == growth::CHILD
    {
        growth::child(rest);
        return ExitCode::SUCCESS;
    }
    let Some(asked) = Asked::read(&arguments) else {
        eprintln!("cargo bench -- [intake] [packs] [growth] [workers] [--areas N] [--rounds N] [--large]");
        return ExitCode::from(2);
    };
    measure::say_machine();
    let parts: [(&str, Part); 4] = [
        ("intake", intake::run),
        ("packs", packs::run),
        ("growth", growth::run),
        ("workers", growth::run_workers),
    ];
    for (name, part) in parts {
        if asked.parts.is_empty() || asked.parts.iter().any(|part| part == name) {
            part(&asked);
        }
    }
    ExitCode::SUCCESS
}

impl Asked {
    fn read(arguments: &[String]) -> Option<Asked> {
        let mut asked = Asked { parts: Vec::new(), areas: 12, rounds: 5, large: false };
        let mut arguments = arguments.iter();
        while let Some(argument) = arguments.next() {
            match argument.as_str() {
                "--areas" => asked.areas = arguments.next()?.parse().ok().filter(|areas| *areas > 0)?,
                "--rounds" => asked.rounds = arguments.next()?.parse().ok().filter(|rounds| *rounds > 0)?,
                "--large" => asked.large = true,
                "intake" | "packs" | "growth" | "workers" => asked.parts.push(argument.clone()),
                _ => return None,
            }
        }
        Some(asked)
    }
}
