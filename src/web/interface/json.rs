//! Bodies as JSON.

use crate::{
    service::{FieldFault, Refusal},
    web::asked::Asked,
};
use serde::de::{DeserializeOwned, IgnoredAny};

impl Asked<'_> {
    /// The body as the type that the route takes.
    ///
    /// What is no JSON is told with its line and column; a value that does not fit, or that nothing is
    /// called by, with its place.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, Refusal> {
        read(&self.raw.body)
    }
}

fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, Refusal> {
    // Whether it is JSON at all comes first: what it says matters only then.
    serde_json::from_slice::<IgnoredAny>(body).map_err(|error| refused(&error, String::new()))?;
    let mut deserializer = serde_json::Deserializer::from_slice(body);
    serde_path_to_error::deserialize(&mut deserializer).map_err(|error| {
        let pointer = pointer(error.path());
        refused(&error.into_inner(), pointer)
    })
}

fn refused(error: &serde_json::Error, pointer: String) -> Refusal {
    if error.is_data() {
        let message = error.to_string();
        // The place is told apart.
        let message = message.split(" at line ").next().unwrap_or_default().to_owned();
        return Refusal::Invalid(vec![FieldFault { field: pointer, message }]);
    }
    let message = format!("The body is not JSON from line {}, column {}", error.line(), error.column());
    Refusal::BadRequest { status: 400, message }
}

/// A JSON Pointer without its first slash (RFC 6901).
fn pointer(path: &serde_path_to_error::Path) -> String {
    use serde_path_to_error::Segment;
    let steps = path.iter().filter_map(|segment| match segment {
        Segment::Seq { index } => Some(index.to_string()),
        Segment::Map { key } => Some(key.replace('~', "~0").replace('/', "~1")),
        Segment::Enum { variant } => Some(variant.clone()),
        Segment::Unknown => None,
    });
    steps.collect::<Vec<_>>().join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, serde::Deserialize, PartialEq)]
    #[serde(deny_unknown_fields)]
    struct Body {
        months: Vec<u32>,
    }

    fn fault(body: &str) -> (String, String) {
        match read::<Body>(body.as_bytes()) {
            Err(Refusal::Invalid(faults)) => (faults[0].field.clone(), faults[0].message.clone()),
            Err(Refusal::BadRequest { status: 400, message }) => (String::new(), message),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn what_does_not_fit_is_told_with_its_place() {
        assert_eq!(read::<Body>(b"{\"months\":[1]}").unwrap(), Body { months: vec![1] });
        let (pointer, message) = fault("{\"months\":[1,\"two\"]}");
        assert_eq!((pointer.as_str(), message.contains("expected u32")), ("months/1", true), "{message}");
        let (pointer, message) = fault("{\"months\":[],\"years\":1}");
        assert_eq!((pointer.as_str(), message.contains("unknown field")), ("years", true), "{message}");
    }

    #[test]
    fn what_is_no_json_is_told_with_line_and_column() {
        assert_eq!(fault("{\"months\":\n  [1,}").1, "The body is not JSON from line 2, column 6");
        assert!(fault("{\"months\":[]} more").1.contains("line 1"));
        assert!(fault("").1.contains("line 1, column 0"));
    }
}
