//! The README speaks of the program as it is.

use outturn::{config::SETTINGS, figures::facts::ReturnType, plan::forms::TABLES, returns::columns::columns};
use std::{fs, process::Command};

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
fn the_readme_names_every_table_of_a_pack_with_its_columns() {
    let folder = tempfile::tempdir().unwrap();
    let demo =
        Command::new(env!("CARGO_BIN_EXE_outturn")).arg("demo").arg("--out").arg(folder.path()).output();
    assert!(demo.unwrap().status.success());
    let package = fs::read(folder.path().join("E10000002/data/datapackage.json")).unwrap();
    let package: serde_json::Value = serde_json::from_slice(&package).unwrap();
    let told = part("<summary>Tables</summary>", "</details>");
    let partners = fs::read_to_string(folder.path().join("plan/partners.csv")).unwrap();
    for resource in package["resources"].as_array().unwrap() {
        let table = resource["name"].as_str().unwrap().replace('-', "_");
        assert!(told.contains(&format!("`{table}`")), "the README lacks the table {table}");
        for field in resource["schema"]["fields"].as_array().unwrap() {
            let name = field["name"].as_str().unwrap();
            let is_partner = partners.contains(&format!(",{name},"));
            let is_band = name.strip_prefix("band_").is_some_and(|number| number.parse::<u8>().is_ok());
            assert!(is_partner || is_band || names(told, name), "the README lacks {table}'s column {name}");
        }
    }
}

#[test]
fn the_readme_names_every_value_element_and_chart_of_templates() {
    let told = part("<summary>Values</summary>", "</details>");
    for line in include_str!("../src/packs/compose/words.rs").lines() {
        let field = line.strip_prefix("    pub ").and_then(|field| field.split_once(':'));
        if let Some((name, _)) = field {
            assert!(names(told, name), "the README lacks the value {name}");
        }
    }
    let told = part("<summary>Elements</summary>", "</details>");
    for word in words_of_table(include_str!("../src/packs/markup.rs"), "//! | `") {
        assert!(names(told, word), "the README lacks the element or attribute {word}");
    }
    let told = part("<summary>Charts</summary>", "</details>");
    for word in words_of_table(include_str!("../src/packs/compose/charts.rs"), "/// | `") {
        assert!(names(told, word), "the README lacks the chart {word}");
    }
}

#[test]
fn the_readme_names_every_setting_with_its_meaning() {
    for setting in &SETTINGS {
        let mark = if setting.is_secret { " ‡" } else { "" };
        let default =
            if setting.default.is_empty() { String::new() } else { format!("`{}`", setting.default) };
        let row = format!("| `{}`{mark} | {default} | {} |", setting.name, setting.meaning);
        assert!(README.contains(&row), "the README has no row like {row}");
    }
}

#[test]
fn the_settings_of_the_readme_can_be_used() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("outturn.toml");
    fs::write(&file, part("```toml\n", "\n```").trim_start_matches("```toml\n")).unwrap();
    let told = Command::new(env!("CARGO_BIN_EXE_outturn"))
        .args(["serve", "--print-config", "--config"])
        .arg(&file)
        .output()
        .unwrap();
    assert!(told.status.success(), "{}", String::from_utf8_lossy(&told.stderr));
}

#[test]
fn every_command_of_the_readme_is_one_of_the_program() {
    let help = |words: &[&str]| {
        let answer = Command::new(env!("CARGO_BIN_EXE_outturn")).args(words).arg("--help").output();
        String::from_utf8(answer.unwrap().stdout).unwrap()
    };
    for line in README.lines().filter_map(|line| line.strip_prefix("outturn ")) {
        let words: Vec<&str> = line.split_whitespace().collect();
        let commands = if ["plan", "returns", "audit", "user", "post"].contains(&words[0]) {
            &words[..2]
        } else {
            &words[..1]
        };
        let help = help(commands);
        assert!(help.contains("Usage: outturn"), "outturn {line}");
        for option in words.iter().filter(|word| word.starts_with("--")) {
            assert!(help.contains(option), "outturn {line}: {option}");
        }
    }
}

#[test]
fn the_readme_names_every_command_about_people() {
    let answer = Command::new(env!("CARGO_BIN_EXE_outturn")).args(["user", "--help"]).output();
    let help = String::from_utf8(answer.unwrap().stdout).unwrap();
    let commands = help.split("Commands:").nth(1).unwrap().split("Options:").next().unwrap();
    for command in commands.lines().filter_map(|line| line.split_whitespace().next()) {
        let is_named = command == "help" || README.contains(&format!("`user {command}"));
        assert!(is_named, "the README lacks user {command}");
    }
}

/// From one text of the README to the next.
fn part(from: &str, to: &str) -> &'static str {
    let start = &README[README.find(from).unwrap_or_else(|| panic!("the README has no {from}"))..];
    &start[..start.find(to).unwrap()]
}

/// Whether a text has the name as a whole word.
fn names(text: &str, name: &str) -> bool {
    text.split(|c: char| !c.is_alphanumeric() && c != '_' && c != '-').any(|word| word == name)
}

/// What stands as code in a table of a comment whose rows begin so.
fn words_of_table<'a>(source: &'a str, row: &str) -> Vec<&'a str> {
    let rows = source.lines().filter(|line| line.starts_with(row));
    let code = rows.flat_map(|line| line.split('`').skip(1).step_by(2));
    code.flat_map(|code| code.split(|c: char| !c.is_alphanumeric() && c != '-'))
        .filter(|word| !word.is_empty())
        .collect()
}
