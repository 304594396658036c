//! Which return a table is, by its headings alone.
//!
//! The order of columns is free, small and capital letters are alike, and space around a heading does
//! not count. A column that no return has is a note; one that is missing is an error.

use super::columns::columns;
use crate::figures::facts::ReturnType;
use std::fmt;

/// A table whose return is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recognised {
    pub return_type: ReturnType,
    /// Where each of [`columns`] stands in the table, from 0, in the order of that list.
    pub positions: Vec<usize>,
    pub unknown: Vec<UnknownColumn>,
}

/// A column that the return does not have: its content is not read. A column without a heading is not
/// counted as one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownColumn {
    /// From 0.
    pub position: usize,
    /// As it stands, without the space around it.
    pub heading: String,
}

/// Why a table is not one return. Each text is a whole sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unrecognised {
    /// No heading is one of any return.
    NoKnownColumn,
    /// It is closest to this type, but lacks columns.
    Missing { closest: ReturnType, missing: Vec<&'static str> },
    /// The table has one of its return's columns more than once.
    Repeated { return_type: ReturnType, heading: &'static str },
    /// It has all columns of both types.
    TwoReturns { first: ReturnType, second: ReturnType },
}

impl std::error::Error for Unrecognised {}

impl fmt::Display for Unrecognised {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("The selected file must use the template. ")?;
        match self {
            Unrecognised::NoKnownColumn => {
                let names = ReturnType::ALL.map(ReturnType::name).join(", ");
                write!(f, "Its first row has none of the headings of a return ({names})")
            }
            Unrecognised::Missing { closest, missing } => {
                let (noun, verb) = if missing.len() == 1 { ("column", "is") } else { ("columns", "are") };
                let (name, missing) = (closest.name(), listed(missing));
                write!(f, "It is closest to a {name} return, of which the {noun} {missing} {verb} missing")
            }
            Unrecognised::Repeated { return_type, heading } => {
                write!(f, "It is a {} return with more than one column “{heading}”", return_type.name())
            }
            Unrecognised::TwoReturns { first, second } => write!(
                f,
                "It has all the columns of a {} return and of a {} return. Send each as a file of its own",
                first.name(),
                second.name()
            ),
        }
    }
}

/// `“a”`, `“a” and “b”`, `“a”, “b” and “c”`.
fn listed(headings: &[&str]) -> String {
    let quoted: Vec<String> = headings.iter().map(|heading| format!("“{heading}”")).collect();
    match quoted.split_last() {
        None => String::new(),
        Some((last, [])) => last.clone(),
        Some((last, others)) => format!("{} and {last}", others.join(", ")),
    }
}

/// The return that a table with these headings is.
///
/// Where the columns of more than one type are all there, it is the type with more columns.
pub fn recognise(heading: &[String]) -> Result<Recognised, Unrecognised> {
    let found: Vec<String> = heading.iter().map(|heading| compared(heading)).collect();
    let mut likenesses = ReturnType::ALL.map(|return_type| Likeness::of(return_type, &found));
    // The most columns found comes first; among equals, the fewest missing.
    likenesses.sort_by_key(|likeness| {
        (likeness.missing.is_empty(), likeness.found, -(likeness.missing.len() as isize))
    });
    let [.., next, best] = &likenesses;
    let return_type = best.return_type;
    if best.found == 0 {
        return Err(Unrecognised::NoKnownColumn);
    }
    if !best.missing.is_empty() {
        return Err(Unrecognised::Missing { closest: return_type, missing: best.missing.clone() });
    }
    if next.missing.is_empty() && next.found == best.found {
        return Err(Unrecognised::TwoReturns { first: next.return_type, second: return_type });
    }

    let positions: Vec<usize> = columns(return_type)
        .iter()
        .filter_map(|column| found.iter().position(|heading| heading == column.heading))
        .collect();
    let repeated = columns(return_type)
        .iter()
        .find(|column| found.iter().filter(|heading| *heading == column.heading).count() > 1);
    if let Some(column) = repeated {
        return Err(Unrecognised::Repeated { return_type, heading: column.heading });
    }
    let unknown = (0..heading.len())
        .filter(|position| !positions.contains(position) && !found[*position].is_empty())
        .map(|position| UnknownColumn { position, heading: trimmed(&heading[position]).to_owned() })
        .collect();
    Ok(Recognised { return_type, positions, unknown })
}

/// A heading without the space and byte-order marks around it.
fn trimmed(heading: &str) -> &str {
    heading.trim_matches(|c: char| c.is_whitespace() || c == '\u{feff}')
}

/// A heading as it is compared.
fn compared(heading: &str) -> String {
    trimmed(heading).to_lowercase()
}

/// How far a table's headings are those of a return.
struct Likeness {
    return_type: ReturnType,
    found: usize,
    missing: Vec<&'static str>,
}

impl Likeness {
    fn of(return_type: ReturnType, headings: &[String]) -> Likeness {
        let missing: Vec<_> = columns(return_type)
            .iter()
            .map(|column| column.heading)
            .filter(|heading| !headings.iter().any(|found| found == heading))
            .collect();
        Likeness { return_type, found: columns(return_type).len() - missing.len(), missing }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headings(line: &str) -> Vec<String> {
        line.split(',').map(str::to_owned).collect()
    }

    #[test]
    fn every_return_is_known_by_its_own_headings_in_any_order() {
        for return_type in ReturnType::ALL {
            let mut heading: Vec<String> =
                columns(return_type).iter().map(|column| column.heading.to_owned()).collect();
            let last = heading.len() - 1;
            assert_eq!(
                recognise(&heading).unwrap(),
                Recognised { return_type, positions: (0..=last).collect(), unknown: vec![] }
            );
            heading.reverse();
            assert_eq!(recognise(&heading).unwrap().positions, (0..=last).rev().collect::<Vec<_>>());
        }
    }

    #[test]
    fn capitals_and_space_around_a_heading_do_not_count() {
        let found = recognise(&headings("\u{feff} Area_Code,PERIOD\u{a0}, measure_id,Target ")).unwrap();
        assert_eq!((found.return_type, found.positions), (ReturnType::Targets, vec![0, 1, 2, 3]));
    }

    #[test]
    fn an_unknown_column_is_a_note_and_one_without_a_heading_is_nothing() {
        let found = recognise(&headings("note,area_code,period,measure_id,, Agreed by ,target,")).unwrap();
        assert_eq!(found.positions, [1, 2, 3, 6]);
        assert_eq!(
            found.unknown,
            [
                UnknownColumn { position: 0, heading: "note".into() },
                UnknownColumn { position: 5, heading: "Agreed by".into() }
            ]
        );
    }

    #[test]
    fn missing_columns_are_named_for_the_closest_return() {
        let error =
            recognise(&headings("org_code,area_code,period,scheme_id,partner_id,budget")).unwrap_err();
        assert_eq!(
            error.to_string(),
            "The selected file must use the template. It is closest to a finance return, of which the columns \
             “actual” and “forecast” are missing"
        );
        let error = recognise(&headings("area_code,period,measure_id,goal")).unwrap_err();
        assert_eq!(error, Unrecognised::Missing { closest: ReturnType::Targets, missing: vec!["target"] });
        let error =
            recognise(&headings("area_code,period,measure_id,numerator,denominator,value")).unwrap_err();
        assert_eq!(error, Unrecognised::Missing { closest: ReturnType::Measures, missing: vec!["org_code"] });
    }

    #[test]
    fn a_table_without_any_known_heading_is_told_so() {
        assert_eq!(recognise(&headings("a,b,c")), Err(Unrecognised::NoKnownColumn));
        assert_eq!(recognise(&[]), Err(Unrecognised::NoKnownColumn));
    }

    #[test]
    fn a_column_given_twice_is_an_error() {
        assert_eq!(
            recognise(&headings("area_code,period,measure_id,target,Target")),
            Err(Unrecognised::Repeated { return_type: ReturnType::Targets, heading: "target" })
        );
    }

    #[test]
    fn all_columns_of_the_larger_return_win_over_those_of_the_smaller() {
        let measures_and_target = "org_code,area_code,period,measure_id,numerator,denominator,value,target";
        assert_eq!(recognise(&headings(measures_and_target)).unwrap().return_type, ReturnType::Measures);
        let targets_and_numerator = "area_code,period,measure_id,target,numerator,value";
        assert_eq!(recognise(&headings(targets_and_numerator)).unwrap().return_type, ReturnType::Targets);
    }

    #[test]
    fn a_table_with_the_columns_of_two_returns_is_neither() {
        let both = "org_code,area_code,period,scheme_id,partner_id,budget,actual,forecast,segment_id,\
                    practice_code,members,rate,cost";
        assert!(matches!(recognise(&headings(both)), Err(Unrecognised::TwoReturns { .. })));
    }
}
