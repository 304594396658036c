//! The interface's document, OpenAPI 3.1, written from the routes.

use super::{
    documented::{Body, Documented, Kind, Parameter, Takes, place, places_of},
    idempotency,
    problem::{Details, PROBLEM, Problem},
};
use crate::web::{
    asked::Method,
    routes::{self, Allows, Route},
};
use schemars::{
    Schema, SchemaGenerator,
    generate::{Contract, SchemaSettings},
};
use serde_json::{Map, Value as Json, json};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::LazyLock,
};

static DOCUMENT: LazyLock<Json> = LazyLock::new(write);

/// The document.
pub fn document() -> &'static Json {
    &DOCUMENT
}

/// Every route of the interface, with what is said of it.
pub fn documented() -> impl Iterator<Item = (&'static Route, &'static Documented)> {
    routes::all().filter_map(|route| Some((route, route.document.as_ref()?)))
}

/// What can be in the way of a request, by what the route takes and who may ask.
pub fn problems_of(route: &Route, document: &Documented) -> BTreeSet<Problem> {
    let mut problems: BTreeSet<Problem> = document.refuses.iter().copied().collect();
    problems.extend([Problem::Failed, Problem::OtherMethod, Problem::TooLong]);
    if route.allows != Allows::Anyone {
        problems.extend([Problem::NotSignedIn, Problem::TooMany]);
    }
    let is_hidden = matches!(route.allows, Allows::InArea(_) | Allows::Anywhere(_));
    if is_hidden || places_of(route.path).next().is_some() {
        problems.insert(Problem::Absent);
    }
    if !document.gives.body.kinds().is_empty() {
        problems.insert(Problem::NotAcceptable);
    }
    // A parameter that there is not is refused too.
    problems.insert(Problem::Invalid);
    if route.method.is_unsafe() {
        problems.extend([Problem::Malformed, Problem::UnderWay, Problem::Changed, Problem::KeyUsed]);
    }
    match document.takes {
        Takes::Nothing => {}
        Takes::Json(_) | Takes::Form(_) => {
            problems.extend([Problem::TooSlow, Problem::TooLarge, Problem::OtherKind]);
        }
    }
    problems
}

/// Who may ask for a route, in words.
pub fn allowed_words(allows: Allows) -> String {
    let names = |roles: &[crate::people::Role]| {
        let names: Vec<&str> = roles.iter().map(|role| role.name()).collect();
        names.join(", ")
    };
    match allows {
        Allows::Anyone => "anyone, without a token".into(),
        Allows::SignedIn => "whoever has a token".into(),
        Allows::InArea(roles) => format!("in the area: {}", names(roles)),
        Allows::Anywhere(roles) => names(roles),
    }
}

/// Writes schemas, those of requests and those of answers each as they are.
struct Schemas {
    taken: SchemaGenerator,
    given: SchemaGenerator,
}

impl Schemas {
    fn new() -> Schemas {
        let generator = |contract| {
            SchemaSettings::draft2020_12()
                .with(|settings| {
                    settings.definitions_path = "/components/schemas".into();
                    settings.meta_schema = None;
                    settings.contract = contract;
                })
                .into_generator()
        };
        Schemas { taken: generator(Contract::Deserialize), given: generator(Contract::Serialize) }
    }

    fn all(mut self) -> Map<String, Json> {
        let mut all = self.taken.take_definitions(true);
        for (name, schema) in self.given.take_definitions(true) {
            let other = all.insert(name.clone(), schema);
            debug_assert!(
                other.is_none_or(|other| other == all[&name]),
                "{name} is one shape when sent and another when given"
            );
        }
        all
    }
}

fn write() -> Json {
    let mut schemas = Schemas::new();
    let problem = schemas.given.subschema_for::<Details>();
    let mut paths: BTreeMap<String, Map<String, Json>> = BTreeMap::new();
    let mut parts = Vec::new();
    for (route, document) in documented() {
        let operation = operation(route, document, &mut schemas, &problem);
        let path = route.path.replace("{*", "{");
        paths.entry(path).or_default().insert(route.method.name().to_lowercase(), operation);
        if !parts.contains(&document.part) {
            parts.push(document.part);
        }
    }
    let tags: Vec<Json> = parts.iter().map(|part| json!({ "name": part })).collect();
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Outturn",
            "version": "1",
            "summary": "Partners' returns, the figures worked out from them, and the packs published.",
            "description": "The address /api has the same in words, with every kind of problem. Money is \
                            whole pence or pounds and pence as text, decimals are text, times are UTC.",
            "license": { "name": "MIT", "identifier": "MIT" },
        },
        "servers": [{ "url": "/" }],
        "security": [{ "token": [] }],
        "tags": tags,
        "paths": paths,
        "components": {
            "securitySchemes": {
                "token": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "A token that you made on your account's page. It may do what you may.",
                },
            },
            "schemas": schemas.all(),
        },
    })
}

fn operation(route: &Route, document: &Documented, schemas: &mut Schemas, problem: &Schema) -> Json {
    let allowed = format!("For {}.", allowed_words(route.allows));
    let description = [document.description, &allowed].join(" ");
    let mut operation = json!({
        "operationId": document.id,
        "tags": [document.part],
        "summary": document.summary,
        "description": description.trim(),
        "parameters": parameters(route, document),
        "responses": responses(route, document, schemas, problem),
    });
    if let Some(body) = request_body(document.takes, schemas) {
        operation["requestBody"] = body;
    }
    if route.allows == Allows::Anyone {
        operation["security"] = json!([]);
    }
    operation
}

fn parameters(route: &Route, document: &Documented) -> Vec<Json> {
    let parameter = |parameter: &Parameter, place: &str| {
        let mut written = json!({
            "name": parameter.name,
            "in": place,
            "required": parameter.is_needed,
            "description": parameter.meaning,
            "schema": parameter.kind.schema(),
        });
        if !parameter.example.is_empty() {
            written["example"] = match parameter.kind {
                Kind::Whole { .. } => parameter.example.parse::<u32>().map_or(Json::Null, Json::from),
                _ => parameter.example.into(),
            };
        }
        written
    };
    let header = |name: &'static str, meaning: &'static str| {
        parameter(&Parameter::optional(name, Kind::Words { most: 255 }, meaning), "header")
    };
    let places = places_of(route.path).filter_map(place);
    let mut all: Vec<Json> = places.map(|place| parameter(place, "path")).collect();
    all.extend(document.query.iter().map(|query| parameter(query, "query")));
    if route.method.is_unsafe() {
        let mut key = header(
            "Idempotency-Key",
            "The same request with the same key has one effect, however often it comes.",
        );
        key["schema"] = json!({ "type": "string", "pattern": idempotency::PATTERN });
        all.push(key);
    }
    all
}

fn request_body(takes: Takes, schemas: &mut Schemas) -> Option<Json> {
    match takes {
        Takes::Nothing => None,
        Takes::Json(schema) => Some(json!({
            "required": true,
            "content": { "application/json": { "schema": schema(&mut schemas.taken) } },
        })),
        Takes::Form(fields) => {
            let properties: Map<String, Json> = fields
                .iter()
                .map(|field| {
                    let mut schema = field.kind.schema();
                    schema["description"] = field.meaning.into();
                    (field.name.to_owned(), schema)
                })
                .collect();
            let needed: Vec<&str> =
                fields.iter().filter(|field| field.is_needed).map(|field| field.name).collect();
            let schema = json!({
                "type": "object",
                "properties": properties,
                "required": needed,
                "additionalProperties": false,
            });
            Some(json!({ "required": true, "content": { "multipart/form-data": { "schema": schema } } }))
        }
    }
}

fn responses(route: &Route, document: &Documented, schemas: &mut Schemas, problem: &Schema) -> Json {
    let mut responses = Map::new();
    let gives = document.gives;
    let mut given = json!({ "description": gives.meaning });
    let content: Map<String, Json> = match gives.body {
        Body::Nothing => Map::new(),
        Body::Json(schema) => {
            [("application/json".to_owned(), json!({ "schema": schema(&mut schemas.given) }))]
                .into_iter()
                .collect()
        }
        Body::JsonOrCsv(schema) => [
            ("application/json".to_owned(), json!({ "schema": schema(&mut schemas.given) })),
            ("text/csv".to_owned(), json!({ "schema": { "type": "string" } })),
        ]
        .into_iter()
        .collect(),
        Body::File(kinds) => kinds.iter().map(|kind| ((*kind).to_owned(), json!({}))).collect(),
    };
    if !content.is_empty() {
        given["content"] = Json::Object(content);
    }
    if gives.status == 201 {
        given["headers"] = json!({
            "Location": { "description": "Where it is.", "schema": { "type": "string" } },
        });
    }
    responses.insert(gives.status.to_string(), given);
    if route.method == Method::Get {
        responses
            .insert("304".into(), json!({ "description": "What If-None-Match names is the present state." }));
    }
    let mut by_status: BTreeMap<u16, Vec<Problem>> = BTreeMap::new();
    for problem in problems_of(route, document) {
        by_status.entry(problem.status()).or_default().push(problem);
    }
    for (status, problems) in by_status {
        let titles: Vec<String> =
            problems.iter().map(|problem| format!("{} ({})", problem.title(), problem.address())).collect();
        let mut refused = json!({
            "description": format!("{}.", titles.join("; or ")),
            "content": { PROBLEM: { "schema": problem } },
        });
        if status == Problem::TooMany.status() {
            refused["headers"] = json!({
                "Retry-After": { "description": "Seconds to wait.", "schema": { "type": "integer" } },
            });
        }
        responses.insert(status.to_string(), refused);
    }
    Json::Object(responses)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::interface::is_interface;

    #[test]
    fn every_route_of_the_interface_is_documented() {
        for route in routes::all().filter(|route| is_interface(route.path)) {
            assert!(route.document.is_some(), "{} {}", route.method.name(), route.path);
        }
    }

    #[test]
    fn every_place_in_a_path_is_described() {
        for (route, _) in documented() {
            for name in places_of(route.path) {
                assert!(place(name).is_some(), "{{{name}}} of {} is not among the places", route.path);
            }
        }
    }

    #[test]
    fn every_operation_has_a_name_of_its_own() {
        let names: Vec<&str> = documented().map(|(_, document)| document.id).collect();
        let distinct: BTreeSet<&str> = names.iter().copied().collect();
        assert_eq!(names.len(), distinct.len(), "{names:?}");
    }

    #[test]
    fn every_reference_in_the_document_leads_somewhere() {
        fn references<'a>(value: &'a Json, found: &mut Vec<&'a str>) {
            match value {
                Json::Object(fields) => {
                    found.extend(fields.get("$ref").and_then(Json::as_str));
                    fields.values().for_each(|value| references(value, found));
                }
                Json::Array(items) => items.iter().for_each(|item| references(item, found)),
                _ => {}
            }
        }
        let mut found = Vec::new();
        references(document(), &mut found);
        assert!(!found.is_empty());
        for reference in found {
            assert!(document().pointer(&reference[1..]).is_some(), "{reference}");
        }
    }
}
