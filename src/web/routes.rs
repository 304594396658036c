//! Every address of the service, and who may ask for it.

use super::{
    answer::Answer,
    asked::{Asked, Method},
    interface::{self, documented::Documented},
    pages,
};
use crate::{people::Role, service::Refusal};

/// An address, who may ask for it and what answers.
pub struct Route {
    pub method: Method,
    /// With places in braces; `{area}` is an area's code, `{month}` a month.
    pub path: &'static str,
    pub allows: Allows,
    pub answer: Answering,
    /// What the interface's document says of it, which is also what is checked; none for pages.
    pub document: Option<Documented>,
}

/// Who may ask for a route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Allows {
    /// Whoever comes.
    Anyone,
    /// Whoever has signed in, whatever they may be.
    SignedIn,
    /// Holders of one of these roles in the path's `{area}`; for others it is not there. Which
    /// partner's things they may see there, the verb decides.
    InArea(&'static [Role]),
    /// Holders of one of these roles in any area; for others it is not there.
    Anywhere(&'static [Role]),
}

/// Everybody who works with an area's figures or reads them.
pub const READERS: &[Role] = &[
    Role::PartnerOfficer,
    Role::PartnerApprover,
    Role::PooledBudgetManager,
    Role::BoardMember,
    Role::AllianceMember,
    Role::Auditor,
];

/// What answers a route.
type Answering = fn(&Asked<'_>) -> Result<Answer, Refusal>;

impl Route {
    pub const fn get(path: &'static str, allows: Allows, answer: Answering) -> Route {
        Route { method: Method::Get, path, allows, answer, document: None }
    }

    pub const fn post(path: &'static str, allows: Allows, answer: Answering) -> Route {
        Route { method: Method::Post, ..Route::get(path, allows, answer) }
    }

    pub const fn put(path: &'static str, allows: Allows, answer: Answering) -> Route {
        Route { method: Method::Put, ..Route::get(path, allows, answer) }
    }

    pub const fn delete(path: &'static str, allows: Allows, answer: Answering) -> Route {
        Route { method: Method::Delete, ..Route::get(path, allows, answer) }
    }

    /// A route of the interface.
    pub const fn documented(self, document: Documented) -> Route {
        Route { document: Some(document), ..self }
    }
}

/// The routes of each part of the site.
const PARTS: &[&[Route]] = &[
    pages::assets::ROUTES,
    pages::sign_in::ROUTES,
    pages::single_sign_on::ROUTES,
    pages::links::ROUTES,
    pages::account::ROUTES,
    pages::second_factor::ROUTES,
    pages::tokens::ROUTES,
    pages::people::ROUTES,
    pages::person::ROUTES,
    pages::home::ROUTES,
    pages::figures::ROUTES,
    pages::audit::ROUTES,
    pages::messages::ROUTES,
    pages::jobs::ROUTES,
    pages::about::ROUTES,
    pages::tasks::ROUTES,
    pages::commentary::ROUTES,
    pages::publication::ROUTES,
    pages::packs::ROUTES,
    pages::public::ROUTES,
    pages::plan::ROUTES,
    pages::returns::ROUTES,
];

/// Every route.
pub fn all() -> impl Iterator<Item = &'static Route> {
    PARTS.iter().chain(interface::PARTS).flat_map(|part| part.iter())
}

/// Finds the route of a path.
pub struct Router {
    by_method: [(Method, matchit::Router<&'static Route>); 4],
}

/// What a path leads to.
pub enum Found {
    Route(&'static Route, Vec<(String, String)>),
    /// The path is there, but not by this method: which it takes, as the header `Allow` says it.
    OtherMethod(String),
    Nothing,
}

impl Router {
    #[expect(clippy::new_without_default, reason = "it reads the list of routes")]
    pub fn new() -> Router {
        let by_method = Method::ALL.map(|method| {
            let mut by_path = matchit::Router::new();
            for route in all().filter(|route| route.method == method) {
                by_path.insert(route.path, route).expect("every route has a path of its own");
            }
            (method, by_path)
        });
        Router { by_method }
    }

    /// The pattern of the route that a GET of this path takes.
    pub fn pattern(&self, path: &str) -> Option<&'static str> {
        let (_, by_path) = self.by_method.iter().find(|(method, _)| *method == Method::Get)?;
        by_path.at(path).ok().map(|found| found.value.path)
    }

    /// The route of this method, if it is one of ours, and path.
    pub fn find(&self, method: Option<Method>, path: &str) -> Found {
        let mut others = Vec::new();
        for (known, by_path) in &self.by_method {
            let Ok(found) = by_path.at(path) else { continue };
            if method == Some(*known) {
                let params = found.params.iter();
                let params = params.map(|(name, value)| (name.to_owned(), decoded(value))).collect();
                return Found::Route(found.value, params);
            }
            others.push(known.name());
            if *known == Method::Get {
                others.push("HEAD");
            }
        }
        if others.is_empty() { Found::Nothing } else { Found::OtherMethod(others.join(", ")) }
    }
}

/// Text with its `%41`s read.
fn decoded(text: &str) -> String {
    if !text.contains('%') {
        return text.to_owned();
    }
    // A plus is a plus in a path.
    let text = text.replace('+', "%2B");
    let pair = format!("x={text}");
    form_urlencoded::parse(pair.as_bytes()).map(|(_, value)| value.into_owned()).next().unwrap_or_default()
}
