//! The rules of the house, read off the source: which room may use which, what may stand where, and how
//! long a file may be. A broken rule is told with its file, its line and what to do instead.
//!
//! Only what the program is built from counts: tests may name what they need, and comments and texts
//! may speak of anything.

#[path = "house_rules/source.rs"]
mod source;

use source::{Named, SourceFile, sources, within};
use std::sync::LazyLock;

/// The hard ceiling of a file's lines; most have 100 to 300.
const LONGEST_FILE: usize = 450;

/// A room of the house and the other rooms that its code may name.
struct Room {
    name: &'static str,
    may_use: &'static [&'static str],
}

/// Data walks down this list: no room names one that stands below it.
const ROOMS: [Room; 16] = [
    Room { name: "config", may_use: &[] },
    Room { name: "figures", may_use: &[] },
    Room { name: "digest", may_use: &[] },
    Room { name: "schedule", may_use: &[] },
    Room { name: "people", may_use: &["digest"] },
    Room { name: "store", may_use: &["figures", "digest", "people"] },
    Room { name: "returns", may_use: &["figures"] },
    Room { name: "plan", may_use: &["figures", "schedule", "returns"] },
    Room { name: "packs", may_use: &["figures", "digest", "returns"] },
    Room { name: "month_end", may_use: &["figures", "store", "returns", "plan", "packs"] },
    Room { name: "demo", may_use: &["figures", "people"] },
    Room { name: "clock", may_use: &[] },
    Room { name: "post", may_use: &[] },
    Room {
        name: "service",
        may_use: &[
            "figures",
            "digest",
            "schedule",
            "people",
            "store",
            "returns",
            "plan",
            "packs",
            "month_end",
            "clock",
            "post",
        ],
    },
    Room {
        name: "web",
        may_use: &[
            "figures",
            "digest",
            "schedule",
            "people",
            "store",
            "returns",
            "plan",
            "packs",
            "month_end",
            "service",
            "config",
        ],
    },
    Room {
        name: "cli",
        may_use: &[
            "config",
            "figures",
            "schedule",
            "people",
            "store",
            "returns",
            "plan",
            "packs",
            "month_end",
            "demo",
            "clock",
            "post",
            "service",
            "web",
        ],
    },
];

/// What only some places may name.
struct Kept {
    paths: &'static [&'static str],
    only_in: &'static [&'static str],
    remedy: &'static str,
}

const KEPT: [Kept; 15] = [
    Kept { paths: &["ring::aead"], only_in: &["people/sealing.rs"], remedy: "seal with a `SealingKey`" },
    Kept {
        paths: &["actix_codec", "actix_http", "actix_service", "actix_web", "multer"],
        only_in: &["web/serve"],
        remedy: "take `Asked` and give `Answer`; `web/serve` alone speaks HTTP",
    },
    Kept {
        paths: &["rustix"],
        only_in: &["web/serve/watch.rs", "service/health.rs"],
        remedy: "the watch closes sockets, health looks at the disk; nothing else asks the system",
    },
    Kept {
        paths: &["prometheus"],
        only_in: &["service/measurements.rs"],
        remedy: "count with a field of `Measurements`",
    },
    Kept {
        paths: &["diesel", "diesel_migrations", "libsqlite3_sys", "pq_sys"],
        only_in: &["store"],
        remedy: "ask the store, by a function named in the field's words",
    },
    Kept {
        paths: &["printpdf", "lopdf"],
        only_in: &["packs/pdf/write.rs"],
        remedy: "place marks on a page; the writer alone makes a PDF of them",
    },
    Kept {
        paths: &["handlebars", "roxmltree"],
        only_in: &["packs", "web/page.rs", "post/words.rs"],
        remedy: "a pack's templates and their markup are read in `packs`, a page's in `web/page.rs`, a letter's in `post/words.rs`",
    },
    Kept {
        paths: &["lettre"],
        only_in: &["post"],
        remedy: "write a `post::Letter` and hand it to a `post::Carrier`",
    },
    Kept {
        paths: &["calamine"],
        only_in: &["returns/read"],
        remedy: "read a workbook with `returns::read`, which guards the program against it",
    },
    Kept {
        paths: &["std::process::Command", "std::process::Child"],
        only_in: &["returns/read/process.rs"],
        remedy: "only a workbook is read in a process of its own",
    },
    Kept {
        paths: &["libc"],
        only_in: &["returns/read/process.rs", "cli/memory.rs"],
        remedy: "limits on a process, and on the allocator, are set there alone",
    },
    Kept {
        paths: &["openidconnect", "ureq"],
        only_in: &["service/single_sign_on"],
        remedy: "nothing but the provider of identities is asked for anything over the network",
    },
    Kept {
        paths: &["argon2", "totp_rs", "qrcode", "zxcvbn"],
        only_in: &["people"],
        remedy: "ask `people::password` and `people::second_factor`",
    },
    Kept {
        paths: &["cron"],
        only_in: &["schedule"],
        remedy: "ask `Schedule`, which minds changes of clocks",
    },
    Kept {
        paths: &["clap"],
        only_in: &["cli"],
        remedy: "take a value; only the command line reads arguments",
    },
];

/// What the core never touches.
const OUTSIDE_OF_FIGURES: [&str; 15] = [
    "calamine",
    "csv",
    "serde",
    "serde_json",
    "std::env",
    "std::fs",
    "std::io",
    "std::net",
    "std::os",
    "std::path",
    "std::process",
    "std::sync",
    "std::thread",
    "std::time",
    "zip",
];

/// Ways of asking for the present time, by how their path ends.
const PRESENT_TIME: [&str; 4] = ["SystemTime", "Utc::now", "Local::now", "Utc::today"];

/// The parts of `figures` that are statistics, not money.
const STATISTICS: [&str; 1] = ["figures/spc"];

#[test]
fn each_room_uses_only_what_stands_before_it() {
    check(|file, broken| {
        let Some(room) = ROOMS.iter().find(|room| within(&file.path, room.name)) else { return };
        for named in file.paths() {
            let Some(other) = named.path.strip_prefix("crate::").and_then(|path| path.split("::").next())
            else {
                continue;
            };
            let is_room = ROOMS.iter().any(|room| room.name == other);
            if is_room && other != room.name && !room.may_use.contains(&other) {
                broken.push(at(file, &named) + &format!(
                    "the arrow {} ─▶ {other} is not in the house: `{}`. Have the caller pass a value, or move the decision to where both may be used",
                    room.name, named.path
                ));
            }
        }
    });
}

#[test]
fn every_room_is_known_to_these_rules() {
    check(|file, broken| {
        let known = ["lib.rs", "main.rs"].contains(&file.path.as_str());
        if !known && !ROOMS.iter().any(|room| within(&file.path, room.name)) {
            broken
                .push(format!("src/{}: in no room. Put it in one, or add its room to this list", file.path));
        }
    });
}

#[test]
fn the_list_of_rooms_is_in_the_order_of_the_walk() {
    for (place, room) in ROOMS.iter().enumerate() {
        for used in room.may_use {
            assert!(
                ROOMS[..place].iter().any(|room| room.name == *used),
                "{} uses {used} from below",
                room.name
            );
        }
    }
}

#[test]
fn what_belongs_to_one_place_is_named_only_there() {
    check(|file, broken| {
        for named in file.paths() {
            for kept in &KEPT {
                let kept_path = kept.paths.iter().any(|path| starts_with(&named.path, path));
                if kept_path && !kept.only_in.iter().any(|place| within(&file.path, place)) {
                    broken.push(
                        at(file, &named)
                            + &format!(
                                "`{}` is named only in src/{}: {}",
                                named.path,
                                kept.only_in.join(" and src/"),
                                kept.remedy
                            ),
                    );
                }
            }
        }
    });
}

#[test]
fn figures_touch_nothing_outside() {
    check(|file, broken| {
        if !within(&file.path, "figures") {
            return;
        }
        for named in file.paths() {
            if OUTSIDE_OF_FIGURES.iter().any(|path| starts_with(&named.path, path)) {
                broken.push(at(file, &named) + &format!(
                    "figures never touch `{}`: take the value as an argument, and let the shell fetch it",
                    named.path
                ));
            }
        }
    });
}

#[test]
fn the_present_time_is_asked_for_in_one_place() {
    check(|file, broken| {
        for named in file.paths() {
            let asks =
                PRESENT_TIME.iter().any(|end| format!("::{}::", named.path).contains(&format!("::{end}::")));
            if asks && file.path != "clock.rs" {
                broken.push(at(file, &named) + "take the time as an argument; only src/clock.rs asks for it");
            }
        }
    });
}

#[test]
fn money_never_passes_through_a_float() {
    check(|file, broken| {
        if !within(&file.path, "figures") || STATISTICS.iter().any(|place| within(&file.path, place)) {
            return;
        }
        for word in &file.words {
            if ["f64", "f32"].iter().any(|float| word.text.ends_with(float)) {
                broken.push(format!(
                    "src/{}:{}: `{}` outside the statistics: money is `Pence`, other values are `Decimal` or `Fraction`",
                    file.path, word.line, word.text
                ));
            }
        }
    });
}

#[test]
fn nothing_is_left_undone_or_may_stop_the_program_unsaid() {
    check(|file, broken| {
        for words in file.words.windows(2) {
            let fault = match (words[0].text.as_str(), words[1].text.as_str()) {
                ("todo" | "unimplemented", "!") => "finish it, or leave it out",
                ("dbg", "!") => "take it out",
                ("." | "::", "unwrap" | "unwrap_err" | "unwrap_unchecked") => {
                    "carry the error with `?`, or state with `expect` the fact that there is none"
                }
                (_, _) => continue,
            };
            let [first, second] = words else { continue };
            broken
                .push(format!("src/{}:{}: `{}{}`: {fault}", file.path, first.line, first.text, second.text));
        }
    });
}

#[test]
fn no_file_is_too_long_to_read_at_a_sitting() {
    check(|file, broken| {
        if file.lines > LONGEST_FILE {
            broken.push(format!(
                "src/{}: {} lines, over {LONGEST_FILE}. Which noun is trying to get out? Give it a file",
                file.path, file.lines
            ));
        }
    });
}

/// Looks at every file and fails with everything that was found.
fn check(rule: impl Fn(&SourceFile, &mut Vec<String>)) {
    static FILES: LazyLock<Vec<SourceFile>> = LazyLock::new(sources);
    let mut broken = Vec::new();
    for file in FILES.iter() {
        rule(file, &mut broken);
    }
    assert!(broken.is_empty(), "\n{}\n", broken.join("\n"));
}

fn at(file: &SourceFile, named: &Named) -> String {
    format!("src/{}:{}: ", file.path, named.line)
}

/// Whether a path is `start` or begins with it, segment by segment.
fn starts_with(path: &str, start: &str) -> bool {
    path.strip_prefix(start).is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
}
