//! The README speaks of the program as it is.

use outturn::{figures::facts::ReturnType, plan::forms::TABLES, returns::columns::columns};

const README: &str = include_str!("../README.md");

#[test]
fn the_readme_names_every_table_of_a_plan_with_its_columns_in_order() {
    for table in TABLES {
        let mark = if table.required { " *" } else { "" };
        let first = format!("| `{}`{mark} | `{}`", table.name, table.columns[0].name);
        let start = README.find(&first).unwrap_or_else(|| panic!("the README has no row like {first}"));
        let rows: Vec<&str> = README[start..].lines().take(table.columns.len()).collect();
        for (column, row) in table.columns.iter().zip(rows) {
            let cell = format!("| `{}`", column.name);
            assert!(
                row.contains(&cell) && row.contains(column.write),
                "{}: {row}\nshould say {cell}",
                table.name
            );
        }
    }
}

#[test]
fn the_readme_names_every_return_with_its_columns_in_order() {
    for return_type in ReturnType::ALL {
        let columns = columns(return_type);
        let first = format!("| `{}` | `{}` |", return_type.name(), columns[0].heading);
        let start = README.rfind(&first).unwrap_or_else(|| panic!("the README has no row like {first}"));
        for (column, row) in columns.iter().zip(README[start..].lines()) {
            let ends = format!("| `{}` | {} | `{}` |", column.heading, column.meaning, column.example);
            assert!(row.ends_with(&ends), "{}: {row}\nshould say {ends}", return_type.name());
        }
    }
}

#[test]
fn every_command_of_the_readme_is_one_of_the_program() {
    let help = |words: &[&str]| {
        let answer =
            std::process::Command::new(env!("CARGO_BIN_EXE_outturn")).args(words).arg("--help").output();
        String::from_utf8(answer.unwrap().stdout).unwrap()
    };
    for line in README.lines().filter_map(|line| line.strip_prefix("outturn ")) {
        let words: Vec<&str> = line.split_whitespace().collect();
        let commands = if ["plan", "returns"].contains(&words[0]) { &words[..2] } else { &words[..1] };
        let help = help(commands);
        assert!(help.contains("Usage: outturn"), "outturn {line}");
        for option in words.iter().filter(|word| word.starts_with("--")) {
            assert!(help.contains(option), "outturn {line}: {option}");
        }
    }
}
