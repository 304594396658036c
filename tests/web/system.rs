//! A partner's system, which asks the interface with a token.

use crate::site::TestSite;
use outturn::{
    people::token,
    store::Deed,
    web::{
        Site,
        answer::Answer,
        asked::{Part, RawRequest},
        dispatch,
    },
};
use serde_json::Value as Json;
use std::sync::Arc;

/// Asks as one person; as nobody where there is no token.
#[derive(Clone)]
pub struct System {
    site: Arc<Site>,
    token: Option<String>,
}

impl TestSite {
    /// A system with a token of the person with this address.
    pub fn system_of(&self, email: &str) -> System {
        let token = token::new_system_token();
        let mut store = self.site.service.store().unwrap();
        let person = store.person_by_email(email).unwrap().unwrap_or_else(|| panic!("{email}"));
        let now = self.site.service.clock.now();
        let deed = Deed { at: now, deed: "token made", ..Deed::default() };
        let ends = now + chrono::TimeDelta::days(30);
        store.add_api_token(&token::kept(&token), person.id, "test", ends, &deed).unwrap();
        System { site: Arc::clone(&self.site), token: Some(token) }
    }

    /// A system that has no token.
    pub fn system_of_nobody(&self) -> System {
        System { site: Arc::clone(&self.site), token: None }
    }
}

impl System {
    /// The same system, before another site that knows its token.
    pub fn before(&self, site: &Arc<Site>) -> System {
        System { site: Arc::clone(site), ..self.clone() }
    }

    pub fn request(&self, method: &str, place: &str) -> RawRequest {
        let (path, query) = place.split_once('?').unwrap_or((place, ""));
        let token = self.token.iter();
        RawRequest {
            method: method.to_owned(),
            path: path.to_owned(),
            query: query.to_owned(),
            headers: token.map(|token| ("authorization".to_owned(), format!("Bearer {token}"))).collect(),
            address: "127.0.0.1".to_owned(),
            request_id: dispatch::new_token()[..16].to_owned(),
            ..RawRequest::default()
        }
    }

    pub fn send(&self, raw: &RawRequest) -> Answer {
        dispatch::answer(&self.site, raw)
    }

    pub fn get(&self, place: &str) -> Answer {
        self.send(&self.request("GET", place))
    }

    pub fn get_with(&self, place: &str, header: (&str, &str)) -> Answer {
        self.send(&with(self.request("GET", place), header))
    }

    /// A request with a JSON body.
    pub fn json(&self, method: &str, place: &str, body: &Json) -> RawRequest {
        let raw = with(self.request(method, place), ("content-type", "application/json"));
        RawRequest { body: body.to_string().into_bytes(), ..raw }
    }

    /// A request with the fields of a form and a file.
    pub fn form(
        &self,
        method: &str,
        place: &str,
        fields: &[(&str, &str)],
        file: Option<(&str, &str, &[u8])>,
    ) -> RawRequest {
        let mut raw = with(self.request(method, place), ("content-type", "multipart/form-data; boundary=x"));
        let part = |name: &str, file_name: Option<&str>, bytes: &[u8]| Part {
            name: name.to_owned(),
            file_name: file_name.map(str::to_owned),
            bytes: bytes.to_vec(),
        };
        raw.parts = fields.iter().map(|(name, value)| part(name, None, value.as_bytes())).collect();
        raw.parts.extend(file.map(|(name, file_name, bytes)| part(name, Some(file_name), bytes)));
        raw
    }
}

/// The request with another header.
pub fn with(mut raw: RawRequest, (name, value): (&str, &str)) -> RawRequest {
    raw.headers.push((name.to_owned(), value.to_owned()));
    raw
}

/// A header of an answer.
pub fn header<'a>(answer: &'a Answer, name: &str) -> Option<&'a str> {
    answer.headers.iter().find(|(known, _)| *known == name).map(|(_, value)| value.as_str())
}

/// The body as JSON.
pub fn json(answer: &Answer) -> Json {
    serde_json::from_slice(&answer.body)
        .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&answer.body)))
}
