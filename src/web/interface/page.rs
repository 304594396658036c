//! The document itself, and the page that shows it.

use super::{
    documented::{Body, Documented, Gives, Parameter, Takes, place, places_of},
    openapi::{allowed_words, document, documented, problems_of},
    problem::Problem,
};
use crate::{
    service::Refusal,
    web::{
        answer::Answer,
        asked::Asked,
        page::Page,
        routes::{Allows, Route},
    },
};
use serde::Serialize;
use serde_json::Value as Json;

pub const ROUTES: &[Route] = &[
    Route::get("/api", Allows::Anyone, page),
    Route::get("/api/v1/openapi.json", Allows::Anyone, as_json).documented(Documented::new(
        "About",
        "getDocument",
        "This document",
        Gives {
            status: 200,
            meaning: "The interface as OpenAPI 3.1.",
            body: Body::File(&["application/json"]),
        },
    )),
];

fn as_json(_: &Asked<'_>) -> Result<Answer, Refusal> {
    Ok(Answer::json(document()))
}

#[derive(Serialize)]
struct Shown {
    parts: Vec<Part>,
    shapes: Vec<Shape>,
    problems: Vec<ShownProblem>,
}

#[derive(Serialize)]
struct Part {
    name: &'static str,
    operations: Vec<Operation>,
}

#[derive(Serialize)]
struct Operation {
    id: &'static str,
    summary: &'static str,
    description: &'static str,
    method: &'static str,
    path: String,
    allowed: String,
    parameters: Vec<Value>,
    /// How the body is sent; empty where there is none.
    takes: String,
    fields: Vec<Value>,
    takes_shape: String,
    gives: String,
    gives_shape: String,
    problems: Vec<ShownProblem>,
}

#[derive(Serialize)]
struct Value {
    name: String,
    place: &'static str,
    kind: String,
    meaning: String,
    is_needed: bool,
}

#[derive(Serialize)]
struct Shape {
    name: String,
    meaning: String,
    fields: Vec<Value>,
}

#[derive(Serialize)]
struct ShownProblem {
    slug: &'static str,
    status: u16,
    title: &'static str,
    meaning: &'static str,
}

impl ShownProblem {
    fn of(problem: Problem) -> ShownProblem {
        ShownProblem {
            slug: problem.slug(),
            status: problem.status(),
            title: problem.title(),
            meaning: problem.meaning(),
        }
    }
}

fn page(asked: &Asked<'_>) -> Result<Answer, Refusal> {
    let mut parts: Vec<Part> = Vec::new();
    for (route, document) in documented() {
        let operation = operation(route, document);
        match parts.iter_mut().find(|part| part.name == document.part) {
            Some(part) => part.operations.push(operation),
            None => parts.push(Part { name: document.part, operations: vec![operation] }),
        }
    }
    let shown =
        Shown { parts, shapes: shapes(), problems: Problem::ALL.into_iter().map(ShownProblem::of).collect() };
    asked.page(&Page::new("interface", "The interface for other systems"), &shown)
}

fn operation(route: &'static Route, document: &'static Documented) -> Operation {
    let written = written(route);
    let value = |parameter: &Parameter, place| Value {
        name: parameter.name.to_owned(),
        place,
        kind: kind_words(&parameter.kind.schema()),
        meaning: parameter.meaning.to_owned(),
        is_needed: parameter.is_needed,
    };
    let places = places_of(route.path).filter_map(place).map(|place| value(place, "path"));
    let query = document.query.iter().map(|parameter| value(parameter, "query"));
    let body = written.pointer("/requestBody/content");
    let (takes, fields) = match document.takes {
        Takes::Nothing => (String::new(), Vec::new()),
        Takes::Json(_) => ("application/json".to_owned(), Vec::new()),
        Takes::Form(fields) => {
            ("multipart/form-data".to_owned(), fields.iter().map(|field| value(field, "form")).collect())
        }
    };
    let gives = &written["responses"][document.gives.status.to_string()]["content"];
    Operation {
        id: document.id,
        summary: document.summary,
        description: document.description,
        method: route.method.name(),
        path: route.path.replace("{*", "{"),
        allowed: allowed_words(route.allows),
        parameters: places.chain(query).collect(),
        takes,
        fields,
        takes_shape: body.map(|body| shape_of(&body["application/json"])).unwrap_or_default(),
        gives: format!("{} {}", document.gives.status, document.gives.meaning),
        gives_shape: shape_of(&gives["application/json"]),
        problems: problems_of(route, document).into_iter().map(ShownProblem::of).collect(),
    }
}

/// What the document says of a route.
fn written(route: &Route) -> &'static Json {
    &document()["paths"][route.path.replace("{*", "{")][route.method.name().to_lowercase()]
}

/// The name of the shape of some content; empty where it has none.
fn shape_of(content: &Json) -> String {
    content["schema"]["$ref"].as_str().map(last_step).unwrap_or_default().to_owned()
}

fn last_step(reference: &str) -> &str {
    reference.rsplit('/').next().unwrap_or_default()
}

fn shapes() -> Vec<Shape> {
    let schemas = document()["components"]["schemas"].as_object();
    let shapes = schemas.into_iter().flatten().map(|(name, schema)| {
        let needed: Vec<&str> =
            schema["required"].as_array().into_iter().flatten().filter_map(Json::as_str).collect();
        let fields = schema["properties"].as_object().into_iter().flatten();
        Shape {
            name: name.clone(),
            meaning: schema["description"].as_str().unwrap_or_default().to_owned(),
            fields: fields
                .map(|(name, field)| Value {
                    name: name.clone(),
                    place: "",
                    kind: kind_words(field),
                    meaning: field["description"].as_str().unwrap_or_default().to_owned(),
                    is_needed: needed.contains(&name.as_str()),
                })
                .collect(),
        }
    });
    shapes.collect()
}

/// What a schema lets a value be, in a few words.
fn kind_words(schema: &Json) -> String {
    if let Some(reference) = schema["$ref"].as_str() {
        return last_step(reference).to_owned();
    }
    if let Some(choices) = schema["anyOf"].as_array().or_else(|| schema["oneOf"].as_array()) {
        return choices.iter().map(kind_words).collect::<Vec<_>>().join(" or ");
    }
    if let Some(words) = schema["enum"].as_array() {
        return words.iter().map(|word| word.to_string().replace('"', "")).collect::<Vec<_>>().join(", ");
    }
    let named = |kind: &Json| match kind.as_str() {
        Some("array") => format!("list of {}", kind_words(&schema["items"])),
        Some(kind) => kind.to_owned(),
        None => "anything".to_owned(),
    };
    let kind = match &schema["type"] {
        Json::Array(kinds) => kinds.iter().map(named).collect::<Vec<_>>().join(" or "),
        kind => named(kind),
    };
    match (schema["format"].as_str(), schema["minimum"].as_u64(), schema["maximum"].as_u64()) {
        (Some(format @ ("date" | "date-time" | "binary")), _, _) => format!("{kind}, {format}"),
        (_, Some(least), Some(most)) if most < 100_000 => format!("{kind} from {least} to {most}"),
        _ => kind,
    }
}
