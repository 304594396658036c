//! What a route of the interface takes and gives: the one source of its checks and of its document.

use super::problem::Problem;
use crate::figures::period::Month;
use chrono::NaiveDate;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde_json::{Value as Json, json};

/// What is said of a route, and held against every request.
#[derive(Clone, Copy)]
pub struct Documented {
    /// What programs made from the document call it, such as `sendReturn`.
    pub id: &'static str,
    /// The part of the interface that it belongs to, such as `Returns`.
    pub part: &'static str,
    /// What it does, in a few words.
    pub summary: &'static str,
    /// What else to know; may be empty.
    pub description: &'static str,
    pub query: &'static [Parameter],
    pub takes: Takes,
    pub gives: Gives,
    /// Refusals beyond those that follow from what it takes and who may ask.
    pub refuses: &'static [Problem],
    /// Whatever its method, it changes nothing: its answers are worked out anew, and kept for no key.
    pub changes_nothing: bool,
}

impl Documented {
    /// A route of a part, by its name, what it does and what it gives; it takes nothing.
    pub const fn new(
        part: &'static str,
        id: &'static str,
        summary: &'static str,
        gives: Gives,
    ) -> Documented {
        Documented {
            id,
            part,
            summary,
            description: "",
            query: &[],
            takes: Takes::Nothing,
            gives,
            refuses: &[],
            changes_nothing: false,
        }
    }

    /// What else to know.
    pub const fn noting(self, description: &'static str) -> Documented {
        Documented { description, ..self }
    }

    pub const fn asking(self, query: &'static [Parameter]) -> Documented {
        Documented { query, ..self }
    }

    /// A JSON body.
    pub const fn taking(self, schema: SchemaOf) -> Documented {
        Documented { takes: Takes::Json(schema), ..self }
    }

    /// The fields of a form.
    pub const fn taking_form(self, fields: &'static [Parameter]) -> Documented {
        Documented { takes: Takes::Form(fields), ..self }
    }

    pub const fn changing_nothing(self) -> Documented {
        Documented { changes_nothing: true, ..self }
    }

    pub const fn refusing(self, refuses: &'static [Problem]) -> Documented {
        Documented { refuses, ..self }
    }
}

/// A type's schema.
pub type SchemaOf = fn(&mut SchemaGenerator) -> Schema;

/// The schema of `T`.
pub fn of<T: JsonSchema>(generator: &mut SchemaGenerator) -> Schema {
    generator.subschema_for::<T>()
}

/// The body of a request.
#[derive(Clone, Copy)]
pub enum Takes {
    Nothing,
    Json(SchemaOf),
    /// The fields of a `multipart/form-data` body.
    Form(&'static [Parameter]),
}

/// What is answered when all goes well.
#[derive(Clone, Copy)]
pub struct Gives {
    pub status: u16,
    pub meaning: &'static str,
    pub body: Body,
}

#[derive(Clone, Copy)]
pub enum Body {
    Nothing,
    Json(SchemaOf),
    /// JSON, or CSV for whoever asks for `text/csv`.
    JsonOrCsv(SchemaOf),
    /// A file of one of these kinds.
    File(&'static [&'static str]),
}

impl Body {
    /// The kinds of content that it comes as; the first is what is given to whoever does not mind.
    pub fn kinds(self) -> &'static [&'static str] {
        match self {
            Body::Nothing => &[],
            Body::Json(_) => &["application/json"],
            Body::JsonOrCsv(_) => &["application/json", "text/csv"],
            Body::File(kinds) => kinds,
        }
    }
}

impl Gives {
    /// An answer as JSON.
    pub const fn json(meaning: &'static str, schema: SchemaOf) -> Gives {
        Gives { status: 200, meaning, body: Body::Json(schema) }
    }

    /// A file of one of these kinds.
    pub const fn file(kinds: &'static [&'static str]) -> Gives {
        Gives { status: 200, meaning: "The file.", body: Body::File(kinds) }
    }

    /// It was done, and there is no more to say.
    pub const fn done(meaning: &'static str) -> Gives {
        Gives { status: 204, meaning, body: Body::Nothing }
    }

    /// Something was made; `Location` says where it is.
    pub const fn made(meaning: &'static str, schema: SchemaOf) -> Gives {
        Gives { status: 201, meaning, body: Body::Json(schema) }
    }
}

/// A value in the path, the query or a form.
#[derive(Clone, Copy)]
pub struct Parameter {
    pub name: &'static str,
    pub meaning: &'static str,
    pub kind: Kind,
    pub is_needed: bool,
    /// One that the built-in example has; may be empty.
    pub example: &'static str,
}

impl Parameter {
    pub const fn needed(name: &'static str, kind: Kind, meaning: &'static str) -> Parameter {
        Parameter { name, meaning, kind, is_needed: true, example: "" }
    }

    pub const fn optional(name: &'static str, kind: Kind, meaning: &'static str) -> Parameter {
        Parameter { name, meaning, kind, is_needed: false, example: "" }
    }
}

impl Parameter {
    const fn such_as(self, example: &'static str) -> Parameter {
        Parameter { example, ..self }
    }
}

/// What a parameter may be.
#[derive(Clone, Copy)]
pub enum Kind {
    Whole {
        least: u32,
        most: u32,
    },
    /// Text of at most so many characters.
    Words {
        most: usize,
    },
    /// Text of at most so many characters that says something.
    Said {
        most: usize,
    },
    /// An id such as an area's code.
    Id,
    /// `2015-11`.
    Month,
    /// `2015-11-30`.
    Date,
    OneOf(&'static [&'static str]),
    /// `true` or `false`.
    YesNo,
    File,
}

impl Kind {
    /// Whether `text` is such a value; else what to write.
    pub fn check(self, text: &str) -> Result<(), String> {
        let (fits, write) = match self {
            Kind::Whole { least, most } => (
                text.parse().is_ok_and(|number: u32| {
                    (least..=most).contains(&number) && text.bytes().all(|byte| byte.is_ascii_digit())
                }),
                format!("Write a whole number from {least} to {most}"),
            ),
            Kind::Words { most } => (
                text.chars().count() <= most && !text.contains('\0'),
                format!("Write at most {most} characters"),
            ),
            Kind::Said { most } => (
                text.chars().count() <= most && !text.contains('\0') && !text.trim().is_empty(),
                format!("Write from 1 to {most} characters"),
            ),
            Kind::Id => (is_id(text), "Write an id of letters, digits, '.', '-' and '_'".into()),
            Kind::Month => (
                text.len() == 7 && Month::parse(text.as_bytes()).is_some(),
                "Write a month like 2015-11".into(),
            ),
            Kind::Date => (
                text.len() == 10 && NaiveDate::parse_from_str(text, "%Y-%m-%d").is_ok(),
                "Write a date like 2015-11-30".into(),
            ),
            Kind::OneOf(words) => (words.contains(&text), format!("Write {}", words.join(" or "))),
            Kind::YesNo => (["true", "false"].contains(&text), "Write true or false".into()),
            Kind::File => (true, String::new()),
        };
        if fits { Ok(()) } else { Err(write) }
    }

    /// As JSON Schema has it.
    pub fn schema(self) -> Json {
        match self {
            Kind::Whole { least, most } => json!({ "type": "integer", "minimum": least, "maximum": most }),
            Kind::Words { most } => json!({ "type": "string", "maxLength": most }),
            Kind::Said { most } => {
                json!({ "type": "string", "minLength": 1, "maxLength": most, "pattern": SAYS_SOMETHING })
            }
            Kind::Id => json!({ "type": "string", "pattern": "^[A-Za-z0-9_.-]{1,60}$" }),
            Kind::Month => json!({ "type": "string", "pattern": "^[0-9]{4}-(0[1-9]|1[0-2])$" }),
            Kind::Date => json!({ "type": "string", "format": "date" }),
            Kind::OneOf(words) => json!({ "type": "string", "enum": words }),
            Kind::YesNo => json!({ "type": "boolean" }),
            Kind::File => json!({ "type": "string", "format": "binary" }),
        }
    }
}

/// The pattern of text that is more than spaces.
pub const SAYS_SOMETHING: &str = r"\S";

fn is_id(text: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"_.-".contains(&byte);
    (1..=60).contains(&text.len()) && text.bytes().all(allowed)
}

/// The largest number that anything is called by.
pub const MOST: u32 = i32::MAX.cast_unsigned();

/// What stands in the braces of a path, everywhere the same.
pub const PLACES: &[Parameter] = &[
    Parameter::needed("area", Kind::Id, "The code of the Health and Wellbeing Board area, like E10000002.")
        .such_as("E10000002"),
    Parameter::needed("month", Kind::Month, "The month, like 2015-11.").such_as("2015-11"),
    Parameter::needed("number", Kind::Whole { least: 1, most: MOST }, "The number that it has in the area.")
        .such_as("1"),
    Parameter::needed("version", Kind::Whole { least: 1, most: MOST }, "The version of the published pack.")
        .such_as("1"),
    Parameter::needed("person", Kind::Whole { least: 1, most: MOST }, "The person's number.").such_as("1"),
    Parameter::needed("edition", Kind::Whole { least: 1, most: MOST }, "The number of the plan's edition.")
        .such_as("1"),
    Parameter::needed("proposal", Kind::Whole { least: 1, most: MOST }, "The number of the proposal.")
        .such_as("1"),
    Parameter::needed("table", Kind::Id, "The table's name, as the list of tables has it.")
        .such_as("schemes"),
    Parameter::needed("type", Kind::OneOf(RETURN_TYPES), "The type of return.").such_as("finance"),
    Parameter::needed(
        "file",
        Kind::Words { most: 200 },
        "The file's path within the pack, like data/scorecard.csv.",
    )
    .such_as("manifest.json"),
    Parameter::needed("figure", Kind::Words { most: 200 }, "The figure's id, as figures and tables give it."),
];

pub const RETURN_TYPES: &[&str] = &["measures", "targets", "finance", "capitation"];

/// What is said of a place in a path.
pub fn place(name: &str) -> Option<&'static Parameter> {
    PLACES.iter().find(|place| place.name == name)
}

/// The names in the braces of a path.
pub fn places_of(path: &'static str) -> impl Iterator<Item = &'static str> {
    let steps = path.split('/').filter_map(|step| step.strip_prefix('{')?.strip_suffix('}'));
    steps.map(|name| name.trim_start_matches('*'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_that_does_not_fit_is_told_what_to_write() {
        assert_eq!(Kind::Month.check("2015-11"), Ok(()));
        assert_eq!(Kind::Month.check("2015-13"), Err("Write a month like 2015-11".into()));
        let limit = Kind::Whole { least: 1, most: 100 };
        assert!(limit.check("1").is_ok() && limit.check("100").is_ok());
        assert!(limit.check("0").is_err() && limit.check("101").is_err() && limit.check("+1").is_err());
        assert!(Kind::Id.check("E10000002").is_ok() && Kind::Id.check("a/b").is_err());
        assert!(Kind::OneOf(&["whole"]).check("half").is_err());
        assert!(Kind::Date.check("2015-02-29").is_err() && Kind::Date.check("2016-02-29").is_ok());
    }
}
