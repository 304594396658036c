//! What is wrong with a cell, a row or a file, in terms that a partner can act on.

use crate::figures::facts::RULES;
use std::fmt;

/// One fault in a table that someone sent: where it is, what was found and what to write instead.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The plan table or return, such as `finance`.
    pub table: String,
    /// The row as a spreadsheet numbers it (the heading is row 1); 0 where the whole table is meant.
    pub row: u32,
    /// The column from 0, where one cell is meant.
    pub column: Option<usize>,
    /// The column's heading; empty where no one cell is meant.
    pub heading: String,
    /// What stands there.
    pub found: String,
    /// A short code in capitals (`PERIOD`, `MONEY`, …).
    pub code: &'static str,
    /// What is wrong and what to write instead: one or two sentences, such as
    /// `is not an amount of money. Write pounds and pence, like 12340.50`.
    pub remedy: String,
}

impl fmt::Display for Fault {
    /// `finance, row 14, column F "budget": "12,34O.50" is not an amount of money. Write …`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.table)?;
        if self.row > 0 {
            write!(f, ", row {}", self.row)?;
        }
        if let Some(column) = self.column {
            write!(f, ", column {}", column_letters(column))?;
        }
        if !self.heading.is_empty() {
            write!(f, " \"{}\"", self.heading)?;
        }
        match (self.column, self.found.is_empty()) {
            (None, true) => write!(f, ": {}", self.remedy),
            (Some(_), true) => write!(f, ": the empty cell {}", self.remedy),
            (_, false) => write!(f, ": \"{}\" {}", shortened(&self.found), self.remedy),
        }
    }
}

/// The most faults of one file that are told one by one.
pub const MOST_TOLD: usize = 1_000;

/// Faults as they are found: the first ones whole, the rest counted, so that no file fills the memory.
#[derive(Debug)]
pub struct Noted {
    kept: Vec<Fault>,
    most: usize,
    more: usize,
}

impl Noted {
    /// Keeps no more than `most`.
    pub fn at_most(most: usize) -> Noted {
        Noted { kept: Vec::new(), most, more: 0 }
    }

    /// Notes a fault, which is put into words only where it is kept.
    pub fn add(&mut self, fault: impl FnOnce() -> Fault) {
        match self.kept.len() < self.most {
            true => self.kept.push(fault()),
            false => self.more += 1,
        }
    }

    /// How many were found, kept or not.
    pub fn count(&self) -> usize {
        self.kept.len() + self.more
    }

    /// Those kept, and how many more there were.
    pub fn into_parts(self) -> (Vec<Fault>, usize) {
        (self.kept, self.more)
    }
}

/// The same fault in one row or in several that follow each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FaultGroup<'a> {
    /// The fault as it stands in the first of the rows.
    pub first: &'a Fault,
    pub last_row: u32,
}

/// Faults put together where the same one stands in neighbouring rows: no more than a thousand, and how
/// many faults are not among them.
pub fn grouped(faults: &[Fault]) -> (Vec<FaultGroup<'_>>, usize) {
    let mut groups = Vec::new();
    let mut rest = faults;
    while let [first, ..] = rest {
        if groups.len() == MOST_TOLD {
            break;
        }
        let mut count = 1;
        while let [before, next, ..] = &rest[count - 1..]
            && next.row == before.row + 1
            && next.is_same_elsewhere(first)
        {
            count += 1;
        }
        groups.push(FaultGroup { first, last_row: rest[count - 1].row });
        rest = &rest[count..];
    }
    (groups, rest.len())
}

/// Faults as lines, the same fault in neighbouring rows as one, and no more than a thousand.
pub fn told(faults: &[Fault]) -> Vec<String> {
    let (groups, not_told) = grouped(faults);
    let line = |group: &FaultGroup<'_>| match group.first {
        first if first.row == group.last_row => first.to_string(),
        first => format!("{first} (the same in rows {} to {})", first.row, group.last_row),
    };
    let more = (not_told > 0).then(|| format!("and {not_told} more"));
    groups.iter().map(line).chain(more).collect()
}

impl Fault {
    /// What is wrong, and what to write instead; the second is empty where nothing need be written.
    pub fn problem_and_remedy(&self) -> (&str, &str) {
        self.remedy.split_once(". ").unwrap_or((&self.remedy, ""))
    }

    fn is_same_elsewhere(&self, other: &Fault) -> bool {
        self.table == other.table
            && self.column == other.column
            && self.found == other.found
            && self.code == other.code
            && self.remedy == other.remedy
    }
}

/// What the rule behind the code of a reject or a query says, in a few words.
pub fn meaning_of(code: &str) -> &'static str {
    RULES.into_iter().find(|(known, _)| *known == code).map_or("turned away", |(_, meaning)| meaning)
}

/// A column's letters as a spreadsheet shows them: 0 is A, 26 is AA.
pub fn column_letters(column: usize) -> String {
    let mut letters = Vec::new();
    let mut rest = column + 1;
    while rest > 0 {
        letters.push(b'A' + ((rest - 1) % 26) as u8);
        rest = (rest - 1) / 26;
    }
    letters.iter().rev().map(|&letter| char::from(letter)).collect()
}

/// Whether a character is not seen itself but changes how others are read: a control character, or one
/// that turns the direction of writing.
pub fn is_unseen(letter: char) -> bool {
    letter.is_control()
        || matches!(letter, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// What of a cell is shown, in characters.
const LONGEST: usize = 60;

/// What was found as a fault keeps it: one character more than is shown, so that it shows that it was cut.
pub fn noted(found: &str) -> String {
    found.chars().take(LONGEST + 1).collect()
}

/// What was found, cut to what a line can hold, with what cannot be seen made visible.
pub fn shortened(found: &str) -> String {
    let shown = |c: char| if is_unseen(c) { '\u{fffd}' } else { c };
    if found.chars().count() <= LONGEST {
        found.chars().map(shown).collect()
    } else {
        found.chars().take(LONGEST).map(shown).chain(['…']).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_lettered_as_a_spreadsheet_letters_them() {
        for (column, letters) in [(0, "A"), (25, "Z"), (26, "AA"), (701, "ZZ"), (702, "AAA"), (16_383, "XFD")]
        {
            assert_eq!(column_letters(column), letters);
        }
    }

    fn fault(row: u32) -> Fault {
        Fault {
            table: "finance".into(),
            row,
            column: Some(5),
            heading: "budget".into(),
            found: "12,34O.50".into(),
            code: "MONEY",
            remedy: "is not an amount of money. Write pounds and pence, like 12340.50".into(),
        }
    }

    #[test]
    fn the_same_fault_in_neighbouring_rows_is_told_once() {
        let lines = told(&[fault(2), fault(3), fault(4), fault(9)]);
        assert_eq!(lines.len(), 2);
        assert!(lines[0].ends_with("(the same in rows 2 to 4)"));
    }

    #[test]
    fn no_more_than_a_thousand_are_told() {
        let faults: Vec<Fault> = (1..=1_312).map(|row| fault(row * 2)).collect();
        let lines = told(&faults);
        assert_eq!((lines.len(), lines[1_000].as_str()), (1_001, "and 312 more"));
    }

    #[test]
    fn faults_beyond_those_kept_are_counted_and_not_put_into_words() {
        let mut noted = Noted::at_most(2);
        for row in 1..=5 {
            noted.add(|| {
                assert!(row <= 2);
                fault(row)
            });
        }
        assert_eq!(noted.count(), 5);
        assert_eq!(noted.into_parts(), (vec![fault(1), fault(2)], 3));
    }

    #[test]
    fn a_cell_is_kept_as_long_as_it_is_shown_and_one_character_more() {
        let long = "é".repeat(40_000);
        assert_eq!(noted(&long).chars().count(), LONGEST + 1);
        assert_eq!(shortened(&noted(&long)), shortened(&long));
    }

    #[test]
    fn a_fault_says_where_what_and_what_to_write() {
        assert_eq!(
            fault(14).to_string(),
            "finance, row 14, column F \"budget\": \"12,34O.50\" is not an amount of money. \
             Write pounds and pence, like 12340.50"
        );
    }
}
