//! The web: a person's browser and a partner's system ask, the service answers.
//!
//! [`routes`] is every address on one list, each with who may ask; [`dispatch`] takes a request
//! through the same steps every time: which route, who asks, may they, is the form ours, then the
//! route's own function. Those functions are plain ones from [`Asked`](asked::Asked) to
//! [`Answer`](answer::Answer): they call a verb of the service and show what it gave. [`serve`] is the
//! one file that knows the HTTP server.

pub mod answer;
pub mod asked;
pub mod routes;
pub mod dispatch;
pub mod page;
pub mod pages;
mod refused;
pub mod words;
pub mod serve;

use crate::service::Service;
use std::sync::Arc;

/// The service with its pages.
pub struct Site {
    pub service: Arc<Service>,
    pub pages: page::Pages,
    pub router: routes::Router,
}

impl Site {
    pub fn new(service: Arc<Service>) -> Site {
        Site { service, pages: page::Pages::built_in(), router: routes::Router::new() }
    }
}
