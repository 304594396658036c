//! Every address of the service, and who may ask for it.

use super::{
    answer::Answer,
    asked::{Asked, Method},
    pages,
};
use crate::{people::Role, service::Refusal};

/// An address, who may ask for it and what answers.
pub struct Route {
    pub method: Method,
    /// With places in braces; `{area}` is an area's code, `{month}` a month.
    pub path: &'static str,
    pub allows: Allows,
    pub answer: fn(&Asked<'_>) -> Result<Answer, Refusal>,
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

impl Route {
    pub const fn get(
        path: &'static str,
        allows: Allows,
        answer: fn(&Asked<'_>) -> Result<Answer, Refusal>,
    ) -> Route {
        Route { method: Method::Get, path, allows, answer }
    }

    pub const fn post(
        path: &'static str,
        allows: Allows,
        answer: fn(&Asked<'_>) -> Result<Answer, Refusal>,
    ) -> Route {
        Route { method: Method::Post, path, allows, answer }
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
];

/// Every route.
pub fn all() -> impl Iterator<Item = &'static Route> {
    PARTS.iter().flat_map(|part| part.iter())
}

/// Finds the route of a path.
pub struct Router {
    get: matchit::Router<&'static Route>,
    post: matchit::Router<&'static Route>,
}

/// What a path leads to.
pub enum Found {
    Route(&'static Route, Vec<(String, String)>),
    /// The path is there, but not by this method.
    OtherMethod(Method),
    Nothing,
}

impl Router {
    #[expect(clippy::new_without_default, reason = "it reads the list of routes")]
    pub fn new() -> Router {
        let mut router = Router { get: matchit::Router::new(), post: matchit::Router::new() };
        for route in all() {
            let by_path = match route.method {
                Method::Get => &mut router.get,
                Method::Post => &mut router.post,
            };
            by_path.insert(route.path, route).expect("every route has a path of its own");
        }
        router
    }

    pub fn find(&self, method: Method, path: &str) -> Found {
        let (by_path, other, other_method) = match method {
            Method::Get => (&self.get, &self.post, Method::Post),
            Method::Post => (&self.post, &self.get, Method::Get),
        };
        match by_path.at(path) {
            Ok(found) => {
                let params = found.params.iter();
                let params = params.map(|(name, value)| (name.to_owned(), decoded(value))).collect();
                Found::Route(found.value, params)
            }
            Err(_) if other.at(path).is_ok() => Found::OtherMethod(other_method),
            Err(_) => Found::Nothing,
        }
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
