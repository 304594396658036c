//! A request held against what its route says of itself, before anything is done.

use super::{
    documented::{Documented, Kind, Parameter, Takes, place},
    problem::{Problem, ProblemError, Problems},
};
use crate::web::asked::Asked;
use std::collections::BTreeSet;

/// Refuses a request that is not what the route takes, with everything that is wrong.
pub fn request(asked: &Asked<'_>, document: &Documented) -> Result<(), Problems> {
    places(asked)?;
    acceptable(asked, document)?;
    let errors = values(&asked.query, document.query);
    if !errors.is_empty() {
        return Err(invalid(errors));
    }
    body(asked, document.takes)
}

/// What stands in the path must look like what it names; else there is nothing there.
fn places(asked: &Asked<'_>) -> Result<(), Problems> {
    let fits =
        |(name, value): &(String, String)| place(name).is_some_and(|place| place.kind.check(value).is_ok());
    if asked.params.iter().all(fits) {
        Ok(())
    } else {
        Err(Problems::new(Problem::Absent, Problem::Absent.meaning()))
    }
}

/// Somebody who names what they can read must be able to read what there is.
fn acceptable(asked: &Asked<'_>, document: &Documented) -> Result<(), Problems> {
    let kinds = document.gives.body.kinds();
    if kinds.is_empty() || asked.best_of(kinds).is_some() {
        return Ok(());
    }
    let detail = format!("This comes as {}; the header Accept names none of them", kinds.join(" or "));
    Err(Problems::new(Problem::NotAcceptable, detail))
}

fn invalid(errors: Vec<ProblemError>) -> Problems {
    Problems::new(Problem::Invalid, Problem::Invalid.meaning()).with_errors(errors)
}

/// Everything that is wrong with the values given for these parameters.
fn values(given: &[(String, String)], known: &[Parameter]) -> Vec<ProblemError> {
    let mut errors = Vec::new();
    let mut seen = BTreeSet::new();
    for (name, value) in given {
        let message = match known.iter().find(|parameter| parameter.name == name) {
            None => Err("There is no such parameter: leave it out".to_owned()),
            Some(_) if !seen.insert(name) => Err("Give it once".to_owned()),
            Some(parameter) => parameter.kind.check(value),
        };
        errors.extend(message.err().map(|message| ProblemError::parameter(name, message)));
    }
    let missing = known
        .iter()
        .filter(|parameter| parameter.is_needed && !given.iter().any(|(name, _)| parameter.name == name));
    errors.extend(missing.map(|parameter| ProblemError::parameter(parameter.name, "Give it")));
    errors
}

fn body(asked: &Asked<'_>, takes: Takes) -> Result<(), Problems> {
    let kind = asked.raw.header("content-type").unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let other_kind = |wanted: &str| {
        Err(Problems::new(Problem::OtherKind, format!("Send it as {wanted}, and say so in Content-Type")))
    };
    match takes {
        Takes::Nothing if asked.raw.body.is_empty() && asked.raw.parts.is_empty() => Ok(()),
        Takes::Nothing if asked.route.method.is_unsafe() => {
            Err(Problems::new(Problem::Malformed, "This takes no body: leave it out"))
        }
        Takes::Nothing => Ok(()),
        Takes::Json(_) if kind == "application/json" => Ok(()),
        Takes::Json(_) => other_kind("application/json"),
        Takes::Form(_) if kind != "multipart/form-data" => other_kind("multipart/form-data"),
        Takes::Form(fields) => {
            let errors = form(asked, fields);
            if errors.is_empty() { Ok(()) } else { Err(invalid(errors)) }
        }
    }
}

fn form(asked: &Asked<'_>, fields: &[Parameter]) -> Vec<ProblemError> {
    let part_kind = |is_file: bool| {
        fields.iter().copied().filter(move |field| matches!(field.kind, Kind::File) == is_file)
    };
    let words: Vec<Parameter> = part_kind(false).collect();
    let files: Vec<Parameter> = part_kind(true).collect();
    let sent = asked.raw.parts.iter().filter(|part| part.file_name.is_some());
    let sent: Vec<(String, String)> = sent.map(|part| (part.name.clone(), String::new())).collect();
    let mut errors = values(&asked.form, &words);
    errors.extend(values(&sent, &files));
    errors
}

impl Asked<'_> {
    /// Which of these kinds of content whoever asks likes best; none where they take none of them.
    ///
    /// Of kinds liked alike the first is best. Source: RFC 9110, section 12.5.1.
    pub fn best_of(&self, kinds: &[&'static str]) -> Option<&'static str> {
        let accept = self.raw.header("accept").map(str::trim).filter(|accept| !accept.is_empty());
        let Some(accept) = accept else { return kinds.first().copied() };
        let mut best: Option<(u32, &'static str)> = None;
        for kind in kinds {
            let liking = liking(accept, kind);
            if liking > best.map_or(0, |(most, _)| most) {
                best = Some((liking, kind));
            }
        }
        best.map(|(_, kind)| kind)
    }
}

/// How much an `Accept` likes a kind of content, in thousandths; the range that names it most exactly
/// decides.
fn liking(accept: &str, kind: &str) -> u32 {
    let (of_type, _) = kind.split_once('/').unwrap_or((kind, ""));
    let mut found: Option<(usize, u32)> = None;
    for range in accept.split(',') {
        let mut parts = range.split(';').map(str::trim);
        let name = parts.next().unwrap_or_default().to_ascii_lowercase();
        let exactness = match name.as_str() {
            "*/*" => 0,
            name if name.strip_suffix("/*") == Some(of_type) => 1,
            name if name == kind => 2,
            _ => continue,
        };
        let quality = parts.find_map(|part| part.strip_prefix("q=")?.parse::<f32>().ok()).unwrap_or(1.0);
        // Quality has at most three decimals.
        let thousandths = (quality.clamp(0.0, 1.0) * 1000.0).round();
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "from 0 to 1000")]
        let thousandths = thousandths as u32;
        if found.is_none_or(|(exact, _)| exactness >= exact) {
            found = Some((exactness, thousandths));
        }
    }
    found.map_or(0, |(_, quality)| quality)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_most_exact_range_says_how_much_a_kind_is_liked() {
        assert_eq!(liking("*/*", "text/csv"), 1000);
        assert_eq!(liking("text/*;q=0.5, */*;q=0.1", "text/csv"), 500);
        assert_eq!(liking("text/csv;q=0, */*", "text/csv"), 0);
        assert_eq!(liking("text/html", "text/csv"), 0);
    }

    #[test]
    fn every_value_that_is_wrong_is_told() {
        let known = [
            Parameter::needed("month", Kind::Month, ""),
            Parameter::optional("limit", Kind::Whole { least: 1, most: 100 }, ""),
        ];
        let given = |pairs: &[(&str, &str)]| {
            let given: Vec<(String, String)> =
                pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
            let errors = values(&given, &known);
            errors.into_iter().filter_map(|error| error.parameter).collect::<Vec<_>>()
        };
        assert!(given(&[("month", "2015-11")]).is_empty());
        assert_eq!(given(&[("limit", "0"), ("x", "1")]), ["limit", "x", "month"]);
        assert_eq!(given(&[("month", "2015-11"), ("month", "2015-12")]), ["month"]);
    }
}
