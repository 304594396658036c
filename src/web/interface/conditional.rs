//! Entity tags: what somebody holds is not sent again, and nobody edits what they have not seen.
//!
//! Source: RFC 9110, sections 8.8.3 and 13.

use super::problem::{Problem, Problems};
use crate::{
    digest::{hex, sha256},
    web::{
        answer::Answer,
        asked::{Asked, Method},
        routes::Found,
    },
};

/// Adds the entity tag, which is the SHA-256 of the body; an answer that is held already is not sent.
pub fn unless_held(asked: &Asked<'_>, answer: Answer) -> Answer {
    if answer.status != 200 {
        return answer;
    }
    let tag = tag_of(&answer);
    let is_held = asked.raw.header("if-none-match").is_some_and(|held| names(held, &tag));
    let answer = answer.with("etag", tag).with("cache-control", "private, no-cache".into());
    if is_held { Answer { body: Vec::new(), ..answer }.status(304) } else { answer }
}

/// Refuses a change where `If-Match` names a state that is not the present one.
///
/// It is compared before the verb's own transaction, so somebody may come in between. Nothing that nobody
/// has seen is changed all the same, for each verb at an address that has an ETag checks within its
/// transaction what it rests on: commentary names the number that it takes the place of, a month is locked
/// only where it is open and opened only where it is locked, a proposal was compared with the edition that
/// must still be current, and a run that is asked for comes beside the others. So somebody who comes in
/// between makes it a conflict. The test below names these addresses: a further one must hold such a check.
pub fn unless_changed(asked: &Asked<'_>) -> Result<(), Problems> {
    let Some(seen) = asked.raw.header("if-match") else { return Ok(()) };
    let Found::Route(reading, _) = asked.site.router.find(Some(Method::Get), &asked.raw.path) else {
        return Err(Problems::new(Problem::Changed, "This address has no ETag: leave If-Match out"));
    };
    let is_present = (reading.answer)(asked).is_ok_and(|answer| names_strongly(seen, &tag_of(&answer)));
    if is_present { Ok(()) } else { Err(Problems::new(Problem::Changed, Problem::Changed.meaning())) }
}

fn tag_of(answer: &Answer) -> String {
    format!("\"{}\"", hex(&sha256(&answer.body)))
}

/// What the tag of an answer that was compressed on its way ends with: other bytes have another tag.
pub const COMPRESSED: &str = "-gzip\"";

/// Whether a list of entity tags of `If-None-Match` names this one, compressed or not. A weak one is as good:
/// what is held says the same.
pub fn names(list: &str, tag: &str) -> bool {
    held_in(list, tag, |held| held.strip_prefix("W/").unwrap_or(held))
}

/// Whether one of `If-Match` names this one, compressed or not: a weak one never does.
///
/// Source: RFC 9110, section 13.1.1.
fn names_strongly(list: &str, tag: &str) -> bool {
    held_in(list, tag, |held| held)
}

fn held_in(list: &str, tag: &str, compared: impl Fn(&str) -> &str) -> bool {
    let plain = |held: &str| {
        let held = compared(held);
        match held.strip_suffix(COMPRESSED) {
            Some(start) => format!("{start}\""),
            None => held.to_owned(),
        }
    };
    list.split(',').map(str::trim).any(|held| held == "*" || plain(held) == tag)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::{interface::is_interface, routes};

    #[test]
    fn whatever_takes_an_entity_tag_checks_in_its_own_transaction() {
        let interface = || routes::all().filter(|route| is_interface(route.path));
        let has_tag = |path| interface().any(|route| route.path == path && !route.method.is_unsafe());
        let mut taking: Vec<&str> = interface()
            .filter(|route| route.method.is_unsafe() && has_tag(route.path))
            .map(|route| route.path)
            .collect();
        taking.sort_unstable();
        taking.dedup();
        let checked = [
            "/api/v1/areas/{area}/months/{month}/commentary",
            "/api/v1/areas/{area}/months/{month}/lock",
            "/api/v1/jobs/runs",
            "/api/v1/plan/proposals",
        ];
        assert_eq!(taking, checked);
    }

    #[test]
    fn a_list_of_tags_names_each_of_them() {
        assert!(names("\"a\", \"b\"", "\"b\""));
        assert!(names("*", "\"b\""));
        assert!(names("\"b-gzip\"", "\"b\""));
        assert!(names("\"a\", W/\"b\"", "\"b\"") && names("W/\"b-gzip\"", "\"b\""));
        assert!(!names("\"a\"", "\"b\""));
    }

    #[test]
    fn a_change_is_made_by_a_strong_tag_alone() {
        for list in ["\"a\", \"b\"", "*", "\"b-gzip\""] {
            assert!(names_strongly(list, "\"b\""), "{list}");
        }
        assert!(!names_strongly("W/\"b\"", "\"b\"") && !names_strongly("W/\"b-gzip\"", "\"b\""));
    }
}
