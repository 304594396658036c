//! What was asked, and by whom.

pub use super::form_token::form_token;
use super::{Site, routes::Route};
use crate::{
    figures::period::Month,
    service::{Asking, Refusal, Service, Who},
};

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Method {
    Get,
    Post,
    Put,
    Delete,
}

impl Method {
    pub const ALL: [Method; 4] = [Method::Get, Method::Post, Method::Put, Method::Delete];

    pub fn name(self) -> &'static str {
        match self {
            Method::Get => "GET",
            Method::Post => "POST",
            Method::Put => "PUT",
            Method::Delete => "DELETE",
        }
    }

    /// The method that a request names; `HEAD` is `GET` without the body, which the server leaves out.
    pub fn from_name(name: &str) -> Option<Method> {
        if name == "HEAD" {
            return Some(Method::Get);
        }
        Method::ALL.into_iter().find(|method| method.name() == name)
    }

    /// Whether it may change something.
    pub fn is_unsafe(self) -> bool {
        match self {
            Method::Get => false,
            Method::Post | Method::Put | Method::Delete => true,
        }
    }
}

/// A request as it came, its body whole.
#[derive(Clone, Debug, Default)]
pub struct RawRequest {
    /// `GET`, `POST`, …
    pub method: String,
    /// Without the query.
    pub path: String,
    pub query: String,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
    /// The parts of a `multipart/form-data` body.
    pub parts: Vec<Part>,
    pub address: String,
    pub request_id: String,
}

/// A part of an upload.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Part {
    pub name: String,
    /// Only for files.
    pub file_name: Option<String>,
    pub bytes: Vec<u8>,
}

impl RawRequest {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// The value of a cookie.
    pub fn cookie(&self, name: &str) -> Option<&str> {
        let pairs = self.headers.iter().filter(|(known, _)| known == "cookie");
        pairs
            .flat_map(|(_, value)| value.split(';'))
            .filter_map(|pair| pair.trim().split_once('='))
            .find(|(known, _)| *known == name)
            .map(|(_, value)| value)
    }
}

/// A request on its way to the function that answers it: who asks is known, and that they may.
pub struct Asked<'a> {
    pub site: &'a Site,
    pub service: &'a Service,
    pub route: &'static Route,
    pub raw: &'a RawRequest,
    /// What stands in the places of the route's path, such as `area`.
    pub params: Vec<(String, String)>,
    pub query: Vec<(String, String)>,
    /// The fields of a form, in order.
    pub form: Vec<(String, String)>,
    pub who: Option<Who>,
    pub asking: Asking,
    /// What the browser's cookie holds.
    pub token: String,
}

impl Asked<'_> {
    /// What stands in a place of the path.
    pub fn param(&self, name: &str) -> &str {
        let found = self.params.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str()).unwrap_or_default()
    }

    /// The number in a place of the path; absent where there is none.
    pub fn number(&self, name: &str) -> Result<u32, Refusal> {
        // Databases number no further.
        self.param(name).parse().ok().filter(|number| i32::try_from(*number).is_ok()).ok_or(Refusal::Absent)
    }

    /// The area that the path names.
    pub fn area_code(&self) -> &str {
        self.param("area")
    }

    /// The month that the path names.
    pub fn month(&self) -> Result<Month, Refusal> {
        Month::parse(self.param("month").as_bytes()).ok_or(Refusal::Absent)
    }

    pub fn query(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// A field of the form, without the spaces around it; empty where there is none.
    pub fn field(&self, name: &str) -> &str {
        let found = self.form.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.trim()).unwrap_or_default()
    }

    /// The file of this name that was sent, where one was chosen.
    pub fn file(&self, name: &str) -> Option<&Part> {
        self.raw
            .parts
            .iter()
            .find(|part| part.name == name && part.file_name.as_deref().is_some_and(|file| !file.is_empty()))
    }

    /// Who asks; the routes that call this let nobody else in.
    pub fn who(&self) -> Result<&Who, Refusal> {
        self.who.as_ref().ok_or(Refusal::NotSignedIn)
    }

    /// What every form holds, so that it is known to be ours.
    pub fn form_token(&self) -> String {
        form_token(&self.token)
    }
}
